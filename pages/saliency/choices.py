"""The widgets above the maps: class, method, layer, colour scale, and which row of small pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.errors import CoreError
from core.saliency.methods import METHODS, method_of
from core.settings.titles import setting_title
from core.study import Study
from pages.saliency import cache
from pages.shared import selection

if TYPE_CHECKING:
    from core.saliency.tower.layers import LayerChoice

SCALES: Final = {
    "unit": "One for scores of the same unit",
    "own": "Each map its own",
    "setting": "One for all classes of a setting",
    "all": "One for all settings",
}
STRIPS: Final = {"finding": "Classes", "layer": "Layers", "none": "None"}
LAYER_KEY: Final = "saliency_layer"
VIEW_KEY: Final = "saliency_view"
_USUAL: Final = "usual"


@dataclass(frozen=True)
class MapChoice:
    """What to look at. layer : None = the method's usual one.  scale : of SCALES.  strip : of STRIPS, of a setting."""

    finding: str
    method: str = METHODS[0].name
    layer: str | None = None
    scale: str = "unit"
    strip: str = "none"
    strip_setting: str = ""

    @property
    def layers(self) -> tuple[str, ...] | None:
        """As core asks for layers."""
        return None if self.layer is None else (self.layer,)


def pick_view(views: Mapping[str, str]) -> str:
    """Which part of the page is looked at, from the session or the address; the first unless another is asked for."""
    first = next(iter(views))
    asked = st.session_state.get(VIEW_KEY, st.query_params.get("view"))
    st.session_state[VIEW_KEY] = asked if asked in views else first
    chosen = st.segmented_control(
        "Look at",
        list(views),
        required=True,
        format_func=views.__getitem__,
        key=VIEW_KEY,
        persist_state="session",
        wrap=True,
    )
    if chosen == first:
        st.query_params.pop("view", None)
    elif st.query_params.get("view") != chosen:
        st.query_params["view"] = str(chosen)
    return str(chosen)


def go_to(view: str, finding: str) -> None:
    """Another part of the page, with a class to look at; for callbacks."""
    st.session_state[VIEW_KEY] = view
    st.session_state[selection.MAP_FINDING] = finding


def pick(
    study: Study, findings: Sequence[str], *, can_compute: bool, more: Callable[[], None] = lambda: None
) -> MapChoice:
    """The widgets, and `more` after them; only the class where there is no model to ask."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        finding = _finding(findings)
        if not can_compute:
            more()
            return MapChoice(finding)
        method = st.selectbox(
            "Method",
            [entry.name for entry in METHODS],
            format_func=_method_title,
            key="saliency_method",
            persist_state="session",
            width=150,
        )
        layer = _layer(study)
        scale = st.selectbox(
            "Colour scale",
            list(SCALES),
            format_func=SCALES.__getitem__,
            key="scale",
            persist_state="session",
            width=280,
        )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        strip = st.segmented_control(
            "Small pictures",
            list(STRIPS),
            default="finding",
            required=True,
            format_func=STRIPS.__getitem__,
            key="strip",
            persist_state="session",
        )
        of_setting = _strip_setting(study) if strip != "none" else ""
        more()
    return MapChoice(finding, str(method), layer, str(scale), str(strip), of_setting)


def _finding(findings: Sequence[str]) -> str:
    if st.session_state.get(selection.MAP_FINDING) not in findings:
        st.session_state[selection.MAP_FINDING] = findings[0]
    return str(st.selectbox("Map of", findings, key=selection.MAP_FINDING, width=230))


def _layer(study: Study) -> str | None:
    choices = _layers(study)
    labels = {choice.name: choice.label for choice in choices}
    options = [_USUAL, *labels]
    if st.session_state.get(LAYER_KEY) not in options:
        st.session_state[LAYER_KEY] = _USUAL
    words = {_USUAL: "The method's usual one", **labels}
    chosen = st.selectbox(
        "Layer", options, format_func=words.__getitem__, key=LAYER_KEY, persist_state="session", width=210
    )
    return None if chosen == _USUAL else str(chosen)


def _layers(study: Study) -> tuple[LayerChoice, ...]:
    """What can be chosen; nothing, without words, where there is no model: the maps will say why."""
    for setting in study.settings:
        try:
            return cache.layer_choices(study, setting)
        except CoreError:
            continue
    return ()


def _strip_setting(study: Study) -> str:
    settings = list(study.settings)
    chosen = st.selectbox(
        "of", settings, len(settings) - 1, format_func=setting_title, key="strip_of", persist_state="session", width=150
    )
    return str(chosen) if chosen in settings else settings[-1]


def _method_title(name: str) -> str:
    method = method_of(name)
    return f"{method.title} (baseline)" if method.is_baseline else method.title


def layer_of(study: Study, look: MapChoice) -> LayerChoice | None:
    """The layer that was chosen; None where it is the method's usual one."""
    return next((choice for choice in _layers(study) if choice.name == look.layer), None)


def follow_small_picture(sent: dict[str, str] | None) -> None:
    """Takes over the class or the layer whose small picture was chosen; for callbacks."""
    if sent and sent.get("strip") == "finding":
        st.session_state[selection.MAP_FINDING] = sent["value"]
    elif sent and sent.get("strip") == "layer":
        st.session_state[LAYER_KEY] = sent["value"]
