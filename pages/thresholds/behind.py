"""The films behind a point of the curves: those of one class that a setting misses, finds, or calls falsely."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.metrics.classification import OUTCOME_TITLES
from core.settings.titles import setting_title
from core.study import Study
from core.thresholds import ThresholdSet
from core.thresholds.listed_films import CELLS, listed_films
from core.words import threshold_words
from pages.shared import film_view, selection

_POINT: Final = "point"
"""In the address: the setting and the class of the point that was clicked, by their places."""
_WORDS: Final = {
    "missed": OUTCOME_TITLES["FN"],
    "found": OUTCOME_TITLES["TP"],
    "false_alarms": f"{OUTCOME_TITLES['FP']}s",
    "silent": OUTCOME_TITLES["TN"],
}


def clicked(study: Study, point: list[str]) -> None:
    """Keeps the point that was clicked, a setting and a class."""
    setting, finding = point
    selection.write(_POINT, f"{study.settings.index(setting)}.{study.classes.index(finding)}")
    st.session_state["finding"] = finding


def how() -> None:
    """How to get the films of a point."""
    st.caption("Click a point for its films: those that are missed, found, or false alarms.")


def show(study: Study, split: str, sets: dict[str, ThresholdSet]) -> None:
    """The films of the point that was clicked last, here or where a link was made; how to get them before."""
    chosen_point = asked(study)
    if chosen_point is None:
        how()
        return
    setting, finding = chosen_point
    chosen = sets[setting]
    rows = {kind: listed_films(study, split, chosen, finding, kind) for kind in CELLS}
    words = {kind: f"{_WORDS[kind]} ({len(rows[kind]):,})" for kind in CELLS}
    kind = selection.pick_one(
        f"{finding}, {setting_title(setting)}", list(CELLS), default=CELLS[0], words=words, key="behind"
    )
    column, scores = study.classes.index(finding), study.scores(setting)
    film_view.films_behind(
        study,
        _WORDS[kind],
        rows[kind],
        key="point-films",
        note=lambda row: f"score {threshold_words(float(scores[row, column]))}",
    )


def asked(study: Study) -> tuple[str, str] | None:
    """The setting and the class of the address; None where it asks for none of this study."""
    places = st.query_params.get(_POINT, "").split(".")
    settings = {str(place): name for place, name in enumerate(study.settings)}
    classes = {str(place): name for place, name in enumerate(study.classes)}
    if len(places) != 2 or places[0] not in settings or places[1] not in classes:
        return None
    return settings[places[0]], classes[places[1]]
