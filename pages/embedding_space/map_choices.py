"""What the map shows: the widgets above it, and the frozen choices they give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from core.errors import CoreError
from core.projection.request import MapRequest
from core.settings.titles import encoder_title
from core.space.colouring import Colouring, ColourRequest, of_values
from core.space.colourings import ColourBy, available_colourings, colouring
from core.space.study_model import why_not
from core.space.text import can_compare
from core.study import Study
from core.words import count_words
from pages.embedding_space import cache, other_maps
from pages.shared import notices, operating, selection

BOTH: Final = "both"
PROMPT: Final = ColourBy("prompt", "Similarity to a prompt", colouring)
"""Not one of the others: it may need the model."""
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
    prompt: str
    centres: bool

    @property
    def is_side_by_side(self) -> bool:
        """Whether the maps of several encoders are shown."""
        return len(self.encoders) > 1


def pick(study: Study, encoders: tuple[str, ...]) -> MapChoices:
    """The widgets above the map, in one line, the class first; what is changed rarely stands in a popover."""
    with selection.controls():
        asked = st.container(horizontal=True, wrap=False, gap="small", vertical_alignment="bottom", width="content")
        colour = _pick_colour(study)
        with asked:
            request, apart = _pick_request(study, colour)
            prompt = _pick_prompt(study) if colour == PROMPT else ""
        shown = _pick_encoders(encoders)
        with st.popover("Map", icon=":material/tune:", help="Which films, 2-D or 3-D, and how they are laid out"):
            split = selection.pick_split(study, default="all", key="map_split")
            n_dimensions = _pick_dimensions()
            other = other_maps.pick(study, shown, n_dimensions)
            centres = _pick_centres(shown, n_dimensions, other)
    return MapChoices(shown, split, n_dimensions, other, colour, request, apart, prompt, centres)


def _pick_centres(encoders: tuple[str, ...], n_dimensions: int, other: MapRequest | None) -> bool:
    """Only the study's own maps in a plane, side by side, have arrows from one to the other."""
    if len(encoders) < 2 or n_dimensions != 2 or other is not None:
        return False
    return selection.pick_toggle("Class centres", key="map_centres")


def _pick_encoders(encoders: tuple[str, ...]) -> tuple[str, ...]:
    words = {**{name: encoder_title(name) for name in encoders}, BOTH: "Side by side"}
    options = [*encoders, *([BOTH] if len(encoders) > 1 else [])]
    chosen = selection.pick_one("Encoder", options, default=encoders[0], words=words, key="encoder")
    return encoders if chosen == BOTH else (chosen,)


def _pick_dimensions() -> int:
    words = {"2": "2-D", "3": "3-D"}
    return int(selection.pick_one("Dimensions", list(words), default="2", words=words, key="map_dimensions"))


def _pick_colour(study: Study) -> ColourBy:
    more = (PROMPT,) if can_compare(study) else ()
    ways = {way.name: way for way in (*available_colourings(study), *more)}
    words, usual = {name: way.title for name, way in ways.items()}, _usual_colour(study)
    chosen: ColourBy = ways[
        selection.pick_listed("Colour by", list(ways), default=usual, words=words, key="colour", width=200)
    ]
    return chosen


def _usual_colour(study: Study) -> str:
    """What is right and wrong where something decides; else the films with a class."""
    return "outcome" if study.settings else "class"


def _pick_request(study: Study, colour: ColourBy) -> tuple[ColourRequest, bool]:
    """What this way of colouring needs to know."""
    finding = selection.pick_finding(study, width=220) if "finding" in colour.needs else ""
    setting = selection.pick_setting(study, is_listed=True) if "setting" in colour.needs else ""
    findings, apart = _pick_several(study) if "findings" in colour.needs else ((), False)
    chosen = operating.current_decisions(study, setting) if "thresholds" in colour.needs else None
    return ColourRequest(colour.name, finding, findings, setting, chosen), apart


def _pick_prompt(study: Study) -> str:
    """A stored prompt, or a typed one where the study's model is on this computer."""
    stored = list(dict.fromkeys(prompt.text for prompt in study.manifest.prompts))
    may_type = why_not(study) is None
    label = "Prompt, or type one" if may_type else "Prompt"
    return selection.pick_listed(
        label, stored, default=stored[0], key="map_prompt", address="prompt", may_type=may_type, width=400
    )


def _pick_several(study: Study) -> tuple[tuple[str, ...], bool]:
    """Up to six classes, and whether each gets a map of its own; at first the class most films have and its like."""
    key = "map_classes"
    if key not in st.session_state or any(name not in study.classes for name in st.session_state[key]):
        asked = [name for name in st.query_params.get_all("classes") if name in study.classes][:_MOST_CLASSES]
        st.session_state[key] = asked or _usual(study)
    chosen = st.multiselect(
        "Classes", study.classes, key=key, max_selections=_MOST_CLASSES, width=490, persist_state="session"
    )
    if st.query_params.get_all("classes") != chosen:
        st.query_params["classes"] = chosen
    words = {"together": "One map", "apart": "A map for each"}
    how = selection.pick_one("Shown", list(words), default="together", words=words, key="map_apart")
    return tuple(chosen) or tuple(_usual(study)), how == "apart"


def _usual(study: Study) -> list[str]:
    """The four findings that most films have."""
    return selection.frequent_classes(study, 4)


def colourings(study: Study, choices: MapChoices) -> tuple[Colouring, ...]:
    """One, or one for each class where each has a map of its own."""
    if choices.prompt:
        return (_by_prompt(study, choices.prompt),)
    if not choices.apart:
        return (colouring(study, choices.request),)
    return tuple(colouring(study, ColourRequest("class", name)) for name in choices.request.findings)


def _by_prompt(study: Study, prompt: str) -> Colouring:
    """Every film's cosine to a prompt; where the prompt cannot be read, that is said, and no film has a value."""
    try:
        values = cache.prompt_similarity(study, prompt)
    except CoreError as error:
        notices.show_error(error, title="This prompt cannot be read")
        values = np.full(len(study.image_ids), np.nan)
    return of_values(f"Similarity to “{prompt}”", values, "Cosine to the prompt, frozen encoder")


def basis(study: Study, choices: MapChoices) -> str:
    """Where the thresholds behind a colour come from, and how many training films it counts; "" where it has none."""
    if choices.request.thresholds is None:
        return ""
    said = operating.current_decisions(study, choices.request.setting).basis
    n_learnt = len(study.rows("train")) if choices.split in ("train", "all") else 0
    if not n_learnt:
        return said
    return (
        f"{said} {count_words(n_learnt)} of these are training films: right and wrong there tell nothing of new films."
    )
