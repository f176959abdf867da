"""The films that change between the reference thresholds and the current ones, as a gallery with their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.classification import OUTCOME_TITLES
from core.study import Study
from core.thresholds import ThresholdSet
from core.thresholds.flips import Flips
from core.words import threshold_words
from pages.shared import film_view, operating, selection, take
from pages.thresholds import cache

_KINDS: Final = {
    "class": "Changed",
    "right": "Film now fully correct",
    "wrong": "Film no longer fully correct",
    "any": "Changed for any class",
}


_NOW: Final = {
    (True, True): OUTCOME_TITLES["TP"].lower(),
    (True, False): OUTCOME_TITLES["FP"].lower(),
    (False, True): OUTCOME_TITLES["FN"].lower(),
    (False, False): OUTCOME_TITLES["TN"].lower(),
}
"""What a film is, by whether it is called positive now and whether it is."""


@dataclass(frozen=True)
class Changed:
    """The films of a split between two sets of thresholds.

    scores : of the setting, of all films.  rows : of the study, the rows that `found` counts from 0.
    """

    study: Study
    scores: FloatArray
    rows: IntArray
    found: Flips
    column: int

    def of(self, kind: str) -> IntArray:
        """Rows of the study, by kind."""
        found = self.found
        of_class = found.rows[found.columns == self.column]
        chosen = {"class": of_class, "right": found.became_right, "wrong": found.became_wrong, "any": found.films()}
        return np.asarray(self.rows[chosen[kind]])

    def words(self, row: int, thresholds: tuple[float, ...]) -> list[str]:
        """One line per class that flips on a film: from what to what, its score, its threshold, its label."""
        position = int(np.searchsorted(self.rows, row))
        lines = []
        for place in np.flatnonzero(self.found.rows == position):
            column, added = int(self.found.columns[place]), bool(self.found.to_positive[place])
            score, label = float(self.scores[row, column]), self.found.label[place]
            verdict = "not labelled" if np.isnan(label) else _NOW[added, bool(label)]
            cut = thresholds[column]
            side = ", no threshold" if np.isnan(cut) else f" {'≥' if added else '<'} {threshold_words(cut)}"
            turn = "newly called positive" if added else "no longer called positive"
            lines.append(f"{self.study.classes[column]} {turn}: {verdict} (score {threshold_words(score)}{side})")
        return lines

    def note(self, row: int, thresholds: tuple[float, ...]) -> str:
        """The first two of the lines of a film, and how many more there are."""
        lines = self.words(row, thresholds)
        return "; ".join([*lines[:2], *([f"and {len(lines) - 2} more classes"] if len(lines) > 2 else [])])


def show(study: Study, setting: str, split: str) -> None:
    """What moved, whether for better, and the films."""
    now = operating.current(study, setting)
    column = study.classes.index(selection.finding_of(study))
    rows = study.rows(split)
    chosen = now.as_set()
    found = cache.followed(study, setting, split).flips(now.reference_set().array(), chosen.array())
    changed = Changed(study, study.scores(setting), rows, found, column)
    _chosen(study, setting, chosen)
    is_locked = now.frozen is not None
    since = "locked" if is_locked else "starting"
    if not found.rows.size:
        how = " Move one, and the films that flip stand here." if split == "val" and not is_locked else ""
        words_of_none = f"No film changes: the thresholds decide as the {since} ones do.{how}"
        st.info(words_of_none, icon=":material/swap_vert:")
        return
    words = {name: f"{title} ({len(changed.of(name)):,})" for name, title in _KINDS.items()}
    kind = selection.pick_one(
        f"Against the {since} thresholds", list(_KINDS), default="class", words=words, key="flips"
    )
    film_view.films_behind(
        study, _KINDS[kind], changed.of(kind), key="flips-films", note=lambda row: changed.note(row, now.values)
    )


def _chosen(study: Study, setting: str, chosen: ThresholdSet) -> None:
    """The chosen film with its scores beside the thresholds."""
    image_id = selection.chosen_film(study)
    if image_id is None:
        return
    with st.container(border=True, horizontal=True, key="chosen-film"):
        film_view.picture(study, image_id, width=220)
        with st.container():
            of = take.Of("decisions", f"Scores and decisions of {image_id}", setting, film=image_id, said=chosen.basis)
            take.frame(selection.decisions_of(study, setting, image_id, chosen), of, row_height=28, height=260)
