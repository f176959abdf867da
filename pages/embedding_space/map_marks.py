"""What is drawn over the films: how the centres of the classes moved."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from core.metrics.intervals import not_estimable
from core.settings.titles import encoder_title
from core.space.movement import ClassMovement
from core.study import Study
from core.words import interval_words, number_words
from pages.embedding_space import cache
from pages.embedding_space.map_choices import MapChoices
from pages.embedding_space.scatter.scene import Mark
from pages.shared import notices, take


def marks(study: Study, choices: MapChoices) -> tuple[Mark, ...]:
    """A square at each class's centre on the first map; on the second an arrow from there to where it is now."""
    if not choices.centres:
        return ()
    found = [move for move in _movements(study, choices) if not math.isnan(move.apart_before)]
    places = [(move.finding, (float(move.start[0]), float(move.start[1])), move.end) for move in found]
    before = [Mark(finding, start) for finding, start, _ in places]
    return (*before, *(Mark(finding, start, (float(end[0]), float(end[1])), 1) for finding, start, end in places))


def _movements(study: Study, choices: MapChoices) -> tuple[ClassMovement, ...]:
    before, after = choices.encoders[:2]
    return cache.movements(study, choices.split, before, after)


def explain(study: Study, choices: MapChoices) -> None:
    """What the marks are, and the same in numbers that mean something."""
    if not choices.centres:
        return
    before, after = (encoder_title(encoder).lower() for encoder in choices.encoders[:2])
    st.caption(
        f"Squares: the mean position of a class's films on the {before} map. Arrows: to their mean position on the "
        f"{after} map.",
        help="They show where to look and are not a measurement; the table is of the original spaces. Names without "
        "room are left out: zoom in.",
    )
    with st.expander("How the classes moved, in the original spaces", icon=":material/trending_up:"):
        of = take.Of("movement", f"How the classes moved, {before} to {after}", split=choices.split)
        take.table(movement_table(_movements(study, choices), before, after), of)
        st.caption(
            "Apart: larger is more separated. Turn: 0 is the same direction, 1 a right angle.",
            help="Apart: the distance between the centre of the class and that of the films without it, over the mean "
            "distance of films to their centres. Turn: 1 minus the cosine between the class's directions before and "
            "after.",
        )


def movement_table(found: tuple[ClassMovement, ...], before: str, after: str) -> pd.DataFrame:
    """One row per class; Markdown text."""
    return pd.DataFrame(
        {
            "Films": [f"{move.n_films:,}" for move in found],
            f"Apart, {before}": [_number(move.apart_before, move) for move in found],
            f"Apart, {after}": [_number(move.apart_after, move) for move in found],
            "Turn": [_number(move.turn, move) for move in found],
        },
        index=pd.Index([notices.plain(move.finding) for move in found], name="Class"),
    )


def _number(value: float, move: ClassMovement) -> str:
    if math.isnan(move.apart_before):
        return interval_words(not_estimable(move.n_films))
    return number_words(value, 2)
