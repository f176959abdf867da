"""All films that readers drew on, at once: how well maps and masks agree, in every setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from core.errors import SaliencyError
from core.figures.annotated_films import disagreement_figure
from core.report.parts import ANNOTATE
from core.saliency.imported import methods_for
from core.saliency.localization.metrics import METRICS
from core.saliency.localization.store import annotated_films as annotated_films_of
from core.saliency.localization.summary import by_disagreement
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.saliency.methods import EVERY
from core.settings.titles import setting_title
from core.study import Study
from pages.saliency import annotated_figures, annotated_jobs, choices
from pages.saliency.cache import Agreement
from pages.shared import cache as shared_cache
from pages.shared import notices, selection, take

_DRAWN: Final = 30
_ANY: Final = "all classes"
_ALL_READERS: Final = "mean over readers"
_USUAL: Final = "usual"
_TABLE: Final = "annotated_table"
_FIGURE: Final = "annotated_figure"
_METHOD: Final = "annotated_method"
_LAYER: Final = "annotated_layer"
_HEADINGS: Final = {
    "image_id": "Film",
    "finding": "Class",
    "chance": "Chance",
    "outside": "Mask outside the crop",
    "is_below_resolution": "Mask below a patch",
    "spread": "Most minus least",
}


def show(study: Study) -> None:
    """The table where it has been computed, else how to compute it."""
    if not study.annotated_ids():
        notices.missing("Nobody drew on a film of this study, so there is nothing to compare maps with.", ANNOTATE)
        return
    if not methods_for(study):
        notices.missing("This study holds a model's output, not the model, so where it looks cannot be computed.")
        return
    try:
        annotated_films_of(study, LocalizationPlan().splits)
    except SaliencyError as error:
        notices.show_error(error, title="There is no film to compare maps on")
        return
    table = shared_cache.maps_table(study)
    if annotated_jobs.is_running(study) or table is None:
        annotated_jobs.offer(study, LocalizationPlan())
        return
    annotated_jobs.offer_more(study, table)
    _summaries(study, table)


def _summaries(study: Study, table: LocalizationResults) -> None:
    """Choices, the figures of every setting, and the films by how much the settings disagree."""
    chosen = _chosen(study, table)
    annotated_figures.show(study, table, chosen)
    annotated_figures.ranking(study, table, chosen.metric, look=_look_at)
    for note in table.notes:
        st.caption(notices.plain(note))
    films = by_disagreement(table, chosen.films, chosen.metric, method=chosen.method, layer=chosen.layer)
    _films(films, table.settings, annotated_figures.title_of(chosen.metric), chosen.split)


def _chosen(study: Study, table: LocalizationResults) -> Agreement:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        words = {name: selection.SPLIT_WORDS[name] for name in table.splits}
        split = selection.pick_one(
            "Films", list(table.splits), default=table.splits[0], words=words, key="annotated_split"
        )
        metrics = {entry.name: entry.title for entry in METRICS}
        metric = _pick("Measure", metrics, key="annotated_metric")
        finding = _pick("Class", {name: name for name in (_ANY, *table.findings)}, key="annotated_class")
        computed = (entry for entry in EVERY if entry.name in table.methods and not entry.is_baseline)
        method = _pick("Method", {entry.name: entry.title for entry in computed}, key=_METHOD)
        layer = _layer(study, table, method)
        reader = _reader(table)
    known = None if finding == _ANY else finding
    return Agreement(split, metric, method, layer, known, reader)


def _pick(label: str, words: Mapping[str, str], *, key: str) -> str:
    """One of a few, the first unless another is asked for."""
    return selection.pick_listed(label, list(words), default=next(iter(words)), words=words, key=key, width=190)


def _layer(study: Study, table: LocalizationResults, method: str) -> str | None:
    """One of the layers that were computed; None for the method's own."""
    names = table.layers(method)
    if len(names) < 2:
        return None
    titles = annotated_figures.layer_titles(study)
    words = {_USUAL: "Default layer", **{name: titles.get(name, name) for name in names}}
    chosen = _pick("Layer", words, key=_LAYER)
    return None if chosen == _USUAL else chosen


def _reader(table: LocalizationResults) -> str | None:
    """Whose masks; None for all, where one reader drew or nobody else is asked for."""
    if len(table.readers) < 2:
        return None
    chosen = _pick("Masks", {name: name for name in (_ALL_READERS, *table.readers)}, key="annotated_reader")
    return None if chosen == _ALL_READERS else chosen


def _look_at(method: str, layer: str | None) -> None:
    """Takes over a method and a layer; for callbacks."""
    st.session_state[_METHOD] = method
    st.session_state[_LAYER] = layer or _USUAL


def _films(films: pd.DataFrame, settings: tuple[str, ...], title: str, split: str) -> None:
    st.header("Where the settings disagree most")
    if films.empty:
        st.caption("No film of these was drawn on.")
        return
    shown = films.head(_DRAWN)
    take.chart(
        disagreement_figure(shown, settings, title=title),
        take.Of(
            "disagreement",
            f"{title} of every film and finding in each setting; greatest disagreement first",
            split=split,
        ),
        key=_FIGURE,
        on_select=_open_point,
        selection_mode="points",
    )
    first = (
        f"The first {len(shown)} of {len(films):,} are drawn; the table has all. " if len(films) > len(shown) else ""
    )
    st.caption(f"{first}A click on a point, or on the box before a row, opens the film.")
    take.frame(
        films.round(3).rename(columns={**_HEADINGS, **{name: setting_title(name) for name in settings}}),
        take.Of("annotated-films", f"{title}, film by film", split=split),
        key=_TABLE,
        on_select=lambda: _open_row(films),
        selection_mode="single-row",
        hide_index=True,
        height=320,
        column_config={
            _HEADINGS["outside"]: st.column_config.NumberColumn(format="percent"),
            _HEADINGS["is_below_resolution"]: st.column_config.CheckboxColumn(
                help="The mask is smaller than one patch of the map: no map can meet it exactly."
            ),
        },
    )


def _open_row(films: pd.DataFrame) -> None:
    rows = st.session_state[_TABLE]["selection"]["rows"]
    if rows:
        _open(str(films["image_id"].iloc[rows[0]]), str(films["finding"].iloc[rows[0]]))


def _open_point() -> None:
    points = st.session_state[_FIGURE]["selection"]["points"]
    if points:
        _open(*map(str, points[0]["customdata"]))


def _open(image_id: str, finding: str) -> None:
    """Goes to one film and one class; for callbacks."""
    selection.choose_film(image_id)
    choices.go_to("film", finding)
