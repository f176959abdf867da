"""What is drawn on the map of films, and which of its films are selected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from core.figures.embedding_space import PointGroup, group_by_class, group_by_domain, group_by_number
from core.findings import DOMAINS
from core.study import Study
from core.titles import encoder_title
from pages.shared import selection as films

_SELECTION: Final = "selected_films"
_BY_NUMBER: Final = "Number of findings"
_BY_DOMAIN: Final = "Domain"


@dataclass(frozen=True)
class MapChoices:
    """encoder : whose space.  colour : a class, or one of the two other ways.  split : whose films are drawn."""

    encoder: str
    colour: str
    split: str


def pick(study: Study, encoders: tuple[str, ...]) -> MapChoices:
    """The widgets above the map."""
    known = {name for names in DOMAINS.values() for name in names}
    ways = [_BY_NUMBER, *([_BY_DOMAIN] if known & set(study.classes) else [])]
    with st.container(horizontal=True, gap="medium"):
        encoder = films.pick_one(
            "Encoder", list(encoders), default=encoders[0], words={n: encoder_title(n) for n in encoders}, key="encoder"
        )
        split = films.pick_split(study, default="all", key="map_split")
        colour = films.pick_finding(study, "Colour by", "colour", ways)
    return MapChoices(encoder, colour, split)


def groups(study: Study, choices: MapChoices) -> list[PointGroup]:
    """The films to draw, in groups that look alike."""
    rows = study.rows(choices.split)
    if choices.colour == _BY_NUMBER:
        return group_by_number(study.labels, rows, study.classes)
    if choices.colour == _BY_DOMAIN:
        return group_by_domain(study.labels, rows, study.classes)
    return group_by_class(study.labels, rows, study.classes.index(choices.colour), choices.colour)


def example(study: Study, choices: MapChoices) -> str:
    """A film to begin with: the first of the last group, if there is one that is stored."""
    stored = study.images["file"].notna().to_numpy()
    rows = [row for group in reversed(groups(study, choices)) for row in group.rows]
    return study.image_ids[next((row for row in rows if stored[row]), rows[0] if rows else 0)]


def keep_selection(state: Mapping[str, Any] | None) -> None:
    """Keeps what was selected on the map: one film is chosen, several make a gallery, none leaves all as it is."""
    ids = films.selected_ids(state)
    if len(ids) == 1:
        films.choose_film(ids[0])
        st.session_state[_SELECTION] = []
    elif ids:
        st.session_state[_SELECTION] = ids


def selection() -> list[str]:
    """The image_ids of the box or lasso that was drawn last."""
    return list(st.session_state.get(_SELECTION, []))
