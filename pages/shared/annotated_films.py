"""All films that readers drew on, at once: how well maps and masks agree, in every setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from core.figures.annotated_films import disagreement_figure
from core.metrics.intervals import Interval
from core.parts import ANNOTATE
from core.saliency.methods import METHODS, method_of
from core.saliency.table import METRICS, SaliencyTable, by_disagreement, compute_saliency_table, saliency_table
from core.saliency.table_summary import LocalizationSummary
from core.study import Study
from core.titles import setting_title
from pages.shared import maps_cache, notices, saliency_choices, selection
from pages.shared.background import Job, Jobs

_DRAWN: Final = 30
_ANY: Final = "all classes"
_TABLE: Final = "annotated_table"
_FIGURE: Final = "annotated_figure"
_HEADINGS: Final = {
    "image_id": "Film",
    "finding": "Class",
    "chance": "Chance",
    "outside": "Mask outside the crop",
    "spread": "Most minus least",
}
_HOW: Final = (
    "Mean over the classes that 5 films or more were drawn for (else over the films), several readers of a film first "
    "averaged; patients resampled."
)


def show(study: Study) -> None:
    """The table where it has been computed, else how to compute it."""
    if not study.annotated_ids():
        notices.missing("Nobody drew on a film of this study, so there is nothing to compare maps with.", ANNOTATE)
        return
    if study.manifest.model is None:
        notices.missing("This study holds a model's output, not the model, so where it looks cannot be computed.")
        return
    table = saliency_table(study)
    if table is None or _running(study) is not None:
        _compute(study)
        return
    _summaries(study, table)


@st.cache_resource
def _jobs() -> Jobs:
    return Jobs()


def _key(study: Study) -> tuple[str, str]:
    return str(study.root), study.fingerprint


def _running(study: Study) -> Job | None:
    job = _jobs().get(_key(study))
    return job if job is not None and job.is_running else None


def _compute(study: Study) -> None:
    """Offers to compute the table, or shows how far it is."""
    job = _jobs().get(_key(study))
    if job is not None and job.is_running:
        _watch(study)
        return
    if job is not None and job.error is not None:
        notices.show_error(job.error, title="The maps could not be computed")
    _offer(study, was_cancelled=job is not None and job.is_cancelled)


@st.fragment(run_every=1.0)
def _watch(study: Study) -> None:
    """How far the computation is, looked at once a second; when it has ended, the page runs again."""
    job = _running(study)
    if job is None:
        st.rerun()
    st.progress(job.share, f"{job.done:,} of {job.total:,} {job.what}" if job.total else "Loading the model…")
    st.button("Cancel", icon=":material/cancel:", on_click=job.cancel, key="table_cancel", disabled=job.is_cancelled)


def _offer(study: Study, *, was_cancelled: bool) -> None:
    n_films = len(study.annotated_ids())
    if was_cancelled:
        st.info("Cancelled. What was computed is kept, and it goes on from there.", icon=":material/pause_circle:")
    st.markdown(
        f"Readers drew on **{n_films:,} films**. Their maps have not been compared with the masks yet, on the films of "
        "validation and test. It is done once and kept on this computer."
    )
    st.button("Compute now", icon=":material/play_arrow:", on_click=_start, args=(study,), key="table_start")
    st.code(f"python -m core saliency {study.root}", language="bash", wrap_lines=True)


def _start(study: Study) -> None:
    _jobs().start(
        _key(study),
        lambda progress, cancelled: compute_saliency_table(study, progress=progress, cancelled=cancelled),
    )


def _summaries(study: Study, table: SaliencyTable) -> None:
    """Choices, the figures of every setting, and the films by how much the settings disagree."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        splits = [name for name in ("test", "val", "train") if (table.rows["split"] == name).any()]
        words = {name: selection.SPLIT_WORDS[name] for name in splits}
        split = selection.pick_one("Films", splits, default=splits[0], words=words, key="annotated_split")
        metric = st.selectbox(
            "Measure", METRICS, format_func=lambda entry: entry.title, key="annotated_metric", width=230
        )
        finding = st.selectbox("Class", [_ANY, *table.findings], key="annotated_class", width=220)
        methods = [entry.name for entry in METHODS if entry.name in table.methods and not entry.is_baseline]
        method = st.selectbox(
            "Method", methods, format_func=lambda name: method_of(name).title, key="annotated_method", width=180
        )
    chosen = maps_cache.Agreement(split, metric.name, str(method), None if finding == _ANY else str(finding))
    st.markdown(f"**{notices.plain(metric.title)}.** {notices.plain(metric.meaning)} {_HOW}")
    summaries = maps_cache.agreement(study, table, chosen)
    notices.table(_figures(summaries))
    _differences(study, table, chosen)
    for note in table.notes:
        st.caption(notices.plain(note))
    films = by_disagreement(table, split=split, finding=chosen.finding, method=chosen.method, metric=chosen.metric)
    _films(films, table.settings, metric.title)


def _figures(summaries: Mapping[str, LocalizationSummary]) -> pd.DataFrame:
    """One row a setting: its mean with interval, beside chance, baselines and the readers' own agreement."""
    rows = []
    for setting, found in summaries.items():
        beside = {"Chance": found.chance, "Readers among themselves": found.ceiling}
        beside |= {method_of(name).title: value for name, value in found.baselines.items()}
        rows.append(
            {
                "Setting": setting_title(setting),
                "Mean": f"**{_number(found.value)}**",
                "95 % interval": _interval(found.interval),
                **{name: _number(value) for name, value in beside.items()},
                "Films": f"{found.n_films:,}",
                "Zero maps": f"{found.n_zero:,}",
                "Masks below a patch": f"{found.n_below_resolution:,}",
                "Masks outside": f"{found.n_outside:,}",
            }
        )
    table = pd.DataFrame(rows).set_index("Setting")
    return table.loc[:, (table != "–").any()]


def _differences(study: Study, table: SaliencyTable, chosen: maps_cache.Agreement) -> None:
    """The settings against each other on the same films and findings."""
    sentences = [
        f"{setting_title(first)} minus {setting_title(second)}: **{found.value:+.3f}** ({_interval(found.interval)})"
        for (first, second), found in maps_cache.agreement_differences(study, table, chosen).items()
        if found.value == found.value
    ]
    if sentences:
        st.caption("Paired differences, with 95 % intervals: " + "; ".join(sentences) + ".")


def _films(films: pd.DataFrame, settings: tuple[str, ...], title: str) -> None:
    st.subheader("Where the settings disagree most")
    if films.empty:
        st.caption("No film of these was drawn on.")
        return
    shown = films.head(_DRAWN)
    st.plotly_chart(
        disagreement_figure(shown, settings, title=title),
        key=_FIGURE,
        on_select=_open_point,
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"{title} of every film and finding in each setting; greatest disagreement first",
    )
    if len(films) > len(shown):
        st.caption(f"The first {len(shown)} of {len(films):,} are drawn; the table has all. A click opens the film.")
    st.dataframe(
        films.round(3).rename(columns={**_HEADINGS, **{name: setting_title(name) for name in settings}}),
        key=_TABLE,
        on_select=lambda: _open_row(films),
        selection_mode="single-row",
        hide_index=True,
        height=320,
        alt="All annotated films, greatest disagreement between the settings first",
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
    saliency_choices.go_to("film", finding)


def _interval(interval: Interval) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}" if interval.is_estimable else f"not estimable ({interval.n})"


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"
