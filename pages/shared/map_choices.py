"""What the map shows: the widgets above it, and the frozen choices they give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.mapping.request import MapRequest
from core.space.colourings import ColourBy, Colouring, ColourRequest, available_colourings, colouring
from core.study import Study
from core.thresholds import ThresholdSet
from core.titles import encoder_title
from pages.shared import cache, other_maps, selection

BOTH: Final = "both"
_MOST_CLASSES: Final = 6


@dataclass(frozen=True)
class MapChoices:
    """encoders : whose maps, side by side.  split : whose films.  n_dimensions : 2 or 3.

    other : the map made on demand, None for the study's own.
    colour : the way to colour, with what it needs.  apart : several classes each on a map of its own.
    """

    encoders: tuple[str, ...]
    split: str
    n_dimensions: int
    other: MapRequest | None
    colour: ColourBy
    request: ColourRequest
    apart: bool

    @property
    def is_side_by_side(self) -> bool:
        """Whether the maps of several encoders are shown."""
        return len(self.encoders) > 1


def pick(study: Study, encoders: tuple[str, ...]) -> MapChoices:
    """The widgets above the map."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        shown = _pick_encoders(encoders)
        split = selection.pick_split(study, default="all", key="map_split")
        n_dimensions = _pick_dimensions()
        other = other_maps.pick(study, shown, n_dimensions)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        colour = _pick_colour(study)
        request, apart = _pick_request(study, colour)
    return MapChoices(shown, split, n_dimensions, other, colour, request, apart)


def _pick_encoders(encoders: tuple[str, ...]) -> tuple[str, ...]:
    words = {**{name: encoder_title(name) for name in encoders}, BOTH: "Side by side"}
    options = [*encoders, *([BOTH] if len(encoders) > 1 else [])]
    chosen = selection.pick_one("Encoder", options, default=encoders[0], words=words, key="encoder")
    return encoders if chosen == BOTH else (chosen,)


def _pick_dimensions() -> int:
    words = {"2": "2-d", "3": "3-d"}
    return int(selection.pick_one("Map in", list(words), default="2", words=words, key="map_dimensions"))


def _pick_colour(study: Study) -> ColourBy:
    ways = {way.name: way for way in available_colourings(study)}
    words = {name: way.title for name, way in ways.items()}
    return ways[selection.pick_listed("Colour by", list(ways), default="class", words=words, key="colour")]


def _pick_request(study: Study, colour: ColourBy) -> tuple[ColourRequest, bool]:
    """What this way of colouring needs to know."""
    finding = selection.pick_finding(study) if "finding" in colour.needs else ""
    setting = selection.pick_setting(study) if "setting" in colour.needs else ""
    findings, apart = _pick_several(study) if "findings" in colour.needs else ((), False)
    cuts = thresholds_of(study, setting).array() if "thresholds" in colour.needs else None
    return ColourRequest(colour.name, finding, findings, setting, cuts), apart


def _pick_several(study: Study) -> tuple[tuple[str, ...], bool]:
    """Up to six classes, and whether each gets a map of its own; at first the class most films have and its like."""
    key = "map_classes"
    if any(name not in study.classes for name in st.session_state.get(key, ())):
        del st.session_state[key]
    asked = [name for name in st.query_params.get_all("classes") if name in study.classes][:_MOST_CLASSES]
    chosen = st.multiselect(
        "Classes", study.classes, asked or _usual(study), key=key, max_selections=_MOST_CLASSES, width=420,
        persist_state="session",
    )  # fmt: skip
    if st.query_params.get_all("classes") != chosen:
        st.query_params["classes"] = chosen
    words = {"together": "One map", "apart": "A map for each"}
    how = selection.pick_one("Shown", list(words), default="together", words=words, key="map_apart")
    return tuple(chosen) or tuple(_usual(study)), how == "apart"


def _usual(study: Study) -> list[str]:
    """The four findings that most films have."""
    return selection.frequent_classes(study, 4)


def thresholds_of(study: Study, setting: str) -> ThresholdSet:
    """The thresholds that decisions are made at: fitted on validation films, or on all where there are none."""
    found = cache.fitted(study, setting, "max-f1")
    return found if found.is_defined else cache.fitted(study, setting, "max-f1", exploratory=True)


def colourings(study: Study, choices: MapChoices) -> tuple[Colouring, ...]:
    """One, or one for each class where each has a map of its own."""
    if not choices.apart:
        return (colouring(study, choices.request),)
    return tuple(colouring(study, ColourRequest("class", name)) for name in choices.request.findings)


def basis(study: Study, choices: MapChoices) -> str:
    """Where the thresholds behind a colour come from; "" where it has none."""
    if choices.request.thresholds is None:
        return ""
    return thresholds_of(study, choices.request.setting).basis
