"""The films that change between the reference thresholds and the current ones, as a gallery with their scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from core.metrics.arrays import IntArray
from core.study import Study
from core.thresholds import ThresholdSet
from core.thresholds.flips import Flips, flips
from core.words import threshold_words
from pages.shared import film_view, navigation, notices, operating, selection, working_thresholds

_SHOWN: Final = 8
_KINDS: Final = {
    "class": "This class flips",
    "right": "All labels become right",
    "wrong": "All labels no longer right",
    "any": "Any class flips",
}


@dataclass(frozen=True)
class Changed:
    """The films of a split between two sets of thresholds. rows : of the study, the rows that `found` counts from 0."""

    study: Study
    setting: str
    rows: IntArray
    found: Flips
    column: int

    def of(self, kind: str) -> IntArray:
        """Rows of the study, by kind."""
        found = self.found
        of_class = found.rows[found.columns == self.column]
        chosen = {"class": of_class, "right": found.became_right, "wrong": found.became_wrong, "any": found.films()}
        return np.asarray(self.rows[np.unique(chosen[kind])])

    def words(self, row: int, thresholds: tuple[float, ...]) -> list[str]:
        """One line per class that flips on a film: from what to what, its score, its threshold, its label."""
        position = int(np.searchsorted(self.rows, row))
        lines = []
        for place in np.flatnonzero(self.found.rows == position):
            column, added = int(self.found.columns[place]), bool(self.found.to_positive[place])
            score, label = float(self.study.scores(self.setting)[row, column]), self.found.label[place]
            verdict = "not labelled" if np.isnan(label) else "now right" if bool(label) == added else "now wrong"
            cut = thresholds[column]
            side = ", no threshold" if np.isnan(cut) else f" {'≥' if added else '<'} {threshold_words(cut)}"
            lines.append(
                f"**{notices.plain(self.study.classes[column])}** {'no → yes' if added else 'yes → no'}  \n"
                f"score {threshold_words(score)}{side}, {verdict}"
            )
        return lines


def show(study: Study, setting: str, split: str) -> None:
    """What moved, whether for better, and the films."""
    now = operating.current(study, setting)
    column = study.classes.index(selection.finding_of(study))
    rows = study.rows(split)
    chosen, scores = now.as_set(), study.scores(setting)[rows]
    found = flips(
        study.judged_labels(setting)[rows], now.reference_set().rule().decide(scores), chosen.rule().decide(scores)
    )
    changed = Changed(study, setting, rows, found, column)
    _chosen(study, setting, chosen)
    since = "frozen" if now.frozen is not None else "starting"
    if not found.rows.size:
        st.info(
            f"No film changes: the thresholds decide as the {since} ones do. Move one, and the films that flip "
            "stand here.",
            icon=":material/swap_vert:",
        )
        return
    words = {name: f"{title} ({len(changed.of(name)):,})" for name, title in _KINDS.items()}
    kind = selection.pick_one(
        f"Against the {since} thresholds", list(_KINDS), default="class", words=words, key="flips"
    )
    _gallery(changed, changed.of(kind), now)


def _gallery(changed: Changed, rows: Sequence[int] | IntArray, now: working_thresholds.WorkingThresholds) -> None:
    if not len(rows):
        st.caption("No film of this kind.")
        return
    pages = -(-len(rows) // _SHOWN)
    page = 0
    if pages > 1:
        page = int(st.number_input(f"Page of {pages:,}", 1, pages, key=f"flips-page-{pages}", width=160)) - 1
    with st.grid(4, min_column_width=200):
        for rank, row in enumerate(rows[page * _SHOWN : (page + 1) * _SHOWN]):
            with st.container(border=True, height="stretch"):
                _card(changed, int(row), rank, now)


def _card(changed: Changed, row: int, rank: int, now: working_thresholds.WorkingThresholds) -> None:
    study, image_id = changed.study, changed.study.image_ids[row]
    film_view.picture(study, image_id, width="stretch")
    lines = changed.words(row, now.values)
    for line in lines[:2]:
        st.caption(line)
    if len(lines) > 2:
        st.caption(f"and {len(lines) - 2} more classes")
    _links(image_id, f"flip-{rank}")


def _links(image_id: str, key: str) -> None:
    """One click to the film on another page, or to keep it here."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.button("Choose", key=f"{key}-keep", on_click=selection.choose_film, args=(image_id,), type="tertiary")
        navigation.link_to("saliency", "Grad-CAM", film=image_id)
        navigation.link_to("embedding_space", "Map", film=image_id)


def _chosen(study: Study, setting: str, chosen: ThresholdSet) -> None:
    """The chosen film with its scores beside the thresholds."""
    image_id = selection.chosen_film(study)
    if image_id is None:
        return
    with st.container(border=True, horizontal=True, key="chosen-film"):
        film_view.picture(study, image_id, width=220)
        with st.container():
            st.dataframe(selection.decisions_of(study, setting, image_id, chosen), row_height=28, height=260)
            _links(image_id, "chosen")
