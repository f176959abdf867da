"""One film with its labels and scores; and many as small pictures, a click on which opens one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.datasets.films import can_render
from core.errors import CoreError
from core.metrics.arrays import IntArray
from core.metrics.classification import OUTCOME_TITLES
from core.report import parts
from core.saliency.imported import methods_for
from core.settings.titles import setting_title
from core.study import Study
from core.thresholds.listed_films import film_outcomes
from pages.shared import cache, film_cards, map_selection, navigation, notices, operating, selection, take
from pages.shared.components import register

GALLERY: Final = 12
"""Films that are shown at a time."""
_LETTER_PX: Final = 9
"""Pixels of a letter of a heading, with its share of the edges."""
_ROOMY: Final = 340
"""Pixels of width from which head.css keeps room for a film until it comes."""
TILES_CSS: Final = Path(__file__).resolve().parent / "gallery" / "gallery.css"
_GALLERY: Final = register(
    "film_gallery", TILES_CSS.parent / "gallery.js", html='<div class="gallery"></div>', css=(TILES_CSS,)
)


@dataclass(frozen=True)
class Verdicts:
    """How films came out, for their tiles. of : what is decided and by what.  outcomes : of OUTCOME_TITLES, by row."""

    of: str
    outcomes: Mapping[int, str]

    def on(self, row: int) -> dict[str, str]:
        """What a tile says: the words, their sort, by which they are marked, and what they are of."""
        outcome = self.outcomes[row]
        return {"words": OUTCOME_TITLES[outcome], "sort": outcome.lower() or "undecided", "of": self.of}


def verdicts(study: Study, setting: str, finding: str, rows: IntArray) -> Verdicts:
    """How films came out for a class, at the thresholds that decide now."""
    found = film_outcomes(study, operating.current_decisions(study, setting), finding, rows)
    by_row = dict(zip((int(row) for row in rows), found, strict=True))
    return Verdicts(f"{finding} by {setting_title(setting)}", by_row)


def gallery(
    study: Study,
    films: Sequence[tuple[int, str]],
    *,
    key: str,
    chosen: int | None = None,
    said: Verdicts | None = None,
    is_small: bool = False,
) -> bool:
    """Films, in this order; True where one was clicked just now. A click chooses the film for all pages.

    films : rows, each with a line of its own, which may be empty.  chosen : the row that is marked.
    said : how each came out; None = nothing is said of it.  is_small : smaller pictures, more of them in a line.
    """

    def _tile(row: int, note: str) -> dict[str, Any]:
        content = tile(study, int(row), note)
        return content if said is None else {**content, "verdict": said.on(row)}

    def opened() -> None:
        row = st.session_state[key].opened
        if isinstance(row, int) and 0 <= row < len(study.image_ids):
            selection.choose_film(study.image_ids[row])

    shown = _GALLERY(
        key=key,
        data={"films": [_tile(row, note) for row, note in films], **known(study), "chosen": chosen, "small": is_small},
        on_opened_change=opened,
    )
    return shown.opened is not None


def clickable(figure: go.Figure, clicked: Callable[[Any], None], of: take.Of, *, key: str) -> None:
    """A chart whose points can be clicked. clicked : called with what a point carries, before the page runs again."""

    def on_select() -> None:
        points = st.session_state[key].selection.points
        if points and points[0].get("customdata") is not None:
            clicked(points[0]["customdata"])

    take.chart(figure, of, key=key, on_select=on_select, selection_mode="points")


def films_behind(
    study: Study, title: str, rows: IntArray, *, key: str, note: Callable[[int], str] = lambda _: ""
) -> None:
    """The films that a figure counts, under what the figure is: a page of them at a time.

    rows : of the study, in the order in which they are shown.  note : a line of each of them, which may be empty.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(
            f"**{notices.plain(title)}: {len(rows):,} {'film' if len(rows) == 1 else 'films'}**", width="content"
        )
        _on_map(study, rows, key=key)
    if not len(rows):
        return
    pages, page = -(-len(rows) // GALLERY), 1
    paged = f"{key}-page-{pages}"
    if pages > 1:
        page = int(st.number_input(f"Page of {pages:,}", 1, pages, key=paged, persist_state="session", width=160))
    shown = rows[(page - 1) * GALLERY : page * GALLERY]
    chosen = selection.chosen_film(study)
    marked = None if chosen is None else study.row_of(chosen)
    gallery(study, [(int(row), note(int(row))) for row in shown], key=key, chosen=marked)
    if chosen is not None and marked in shown:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            _steps(study, rows, int(np.flatnonzero(rows == marked)[0]), paged)
            link_to(study, "saliency", "Where do the models look on this film?", film=chosen)
            link_to(study, "embedding_space", "On the map", film=chosen)


def _steps(study: Study, rows: IntArray, place: int, paged: str) -> None:
    """The film before and the one after of a list, which opens at their page. paged : key of the page's number."""

    def go(to: int) -> None:
        selection.choose_film(study.image_ids[int(rows[to])])
        if paged in st.session_state:
            st.session_state[paged] = to // GALLERY + 1

    for words, icon, to in (("Previous", "arrow_back", place - 1), ("Next", "arrow_forward", place + 1)):
        st.button(
            words,
            icon=f":material/{icon}:",
            type="tertiary",
            key=f"{paged}-{words}",
            on_click=go,
            args=(to,),
            disabled=not 0 <= to < len(rows),
        )
    st.caption(
        f"{notices.plain(study.image_ids[int(rows[place])])}: film {place + 1:,} of {len(rows):,}", width="content"
    )


def _on_map(study: Study, rows: IntArray, *, key: str) -> None:
    """A button that selects films on the map and opens it there; the address goes on holding the selection."""
    can_show = len(rows) and "embedding_space" in pages_of_film(study)
    if can_show and st.button("All on the map", icon=":material/lasso_select:", key=f"{key}-map", type="tertiary"):
        map_selection.select_rows(study, rows)
        navigation.go_to("embedding_space", film=selection.chosen_film(study))


def pages_of_film(study: Study) -> tuple[str, ...]:
    """The pages that can show more of a film: where models look, its place among the others; none without the app.

    A study of a model's output alone has no maps, one without embeddings no place.
    """
    has = {"saliency": bool(methods_for(study)), "embedding_space": bool(parts.embedded(study))}
    return tuple(stem for stem in has if has[stem]) if navigation.is_in_app() else ()


def link_to(study: Study, stem: str, label: str, *, film: str | None = None) -> None:
    """A link to one of these pages; nothing where it has nothing to show of the study's films."""
    if stem in pages_of_film(study):
        navigation.link_to(stem, label, film=film)


def source(study: Study) -> dict[str, Any]:
    """Where a browser asks for the films of a study by their rows, as JSON values; nowhere without the whole app."""
    address = film_cards.offer(study) if navigation.is_in_app() else None
    return {"address": address, "has_pictures": cache.has_pictures(study)}


def has_pictures(study: Study, row: int) -> bool:
    """Whether a small picture of the film can be asked for: it is stored or simulated, and the app's server runs."""
    return navigation.is_in_app() and (bool(pd.notna(study.images["file"].iloc[row])) or can_render(study))


def known(study: Study) -> dict[str, Any]:
    """What tiles of every film of a study are drawn with: the names of classes, and where small pictures are."""
    return {"classes": list(study.classes), "address": film_cards.offer(study)}


def tile(study: Study, row: int, note: str) -> dict[str, Any]:
    """One film for the browser, small enough to go with every click. note : a line of its own, which may be empty."""
    content = {
        "row": row,
        "title": study.image_ids[row],
        "findings": np.flatnonzero(study.labels[row] == 1).tolist(),
        "note": note,
    }
    return content if has_pictures(study, row) else {**content, "bare": True}


def heading(study: Study, image_id: str) -> str:
    """A film's name and its positive labels, as Markdown."""
    labels = study.labels[study.row_of(image_id)]
    names = [name for name, value in zip(study.classes, labels, strict=True) if value == 1]
    return f"**{notices.plain(image_id)}**: {notices.plain(', '.join(names)) or 'no positive label'}"


def scores(study: Study, image_id: str) -> None:
    """A film's labels and every setting's scores; rows that are labelled positive are bold."""
    table = selection.labels_and_scores(study, image_id)
    take.frame(
        table.style.apply(_read_rows, axis=1),
        take.Of("scores", f"Labels and scores of {image_id}", film=image_id),
        height="content",
        row_height=28,
        column_config={
            "Class": st.column_config.TextColumn(width=174),
            "Labelled": st.column_config.TextColumn(width=70),
            **{
                name: st.column_config.NumberColumn(format="%.3f", width=max(84, _LETTER_PX * len(name)))
                for name in table.columns[1:]
            },
        },
    )
    if words := score_words(study):
        st.caption(words)


def score_words(study: Study) -> str:
    """Why scores of different settings cannot be compared; "" where they can, in that they have one unit."""
    kinds = sorted({study.manifest.settings[name].score_kind for name in study.settings})
    raw = f"Scores are raw ({', '.join(kinds)}): those of different settings cannot be compared in size."
    return raw if len(kinds) > 1 else ""


def picture(study: Study, image_id: str, *, width: int) -> None:
    """A film with its caption, at most so many pixels wide; where it cannot be shown, what is missing."""
    try:
        pixels = cache.film(study, image_id)
    except CoreError as error:
        st.caption(f":material/image_not_supported: {notices.plain(error.message)} {notices.plain(error.remedy)}")
        return
    caption = notices.film_caption(study, image_id)
    with st.container(width=width, key="film-picture" if width >= _ROOMY else "film-small"):
        st.image(pixels, caption=notices.plain(caption), width="stretch", alt=caption)


def _read_rows(row: pd.Series) -> list[str]:
    return ["font-weight: 600" if row["Labelled"] == "yes" else ""] * len(row)
