"""The widgets above the maps: class, method, layer, which row of small pictures, and the colour scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.saliency.methods import Method, method_of
from core.settings.registry import shown_first
from core.settings.titles import setting_title
from core.study import Study
from pages.saliency import cache
from pages.shared import navigation, selection

if TYPE_CHECKING:
    from core.saliency.layer_choice import LayerChoice

SCALES: Final = {
    "unit": "Shared where units match",
    "own": "Own scale for each map",
    "setting": "One for all classes of a setting",
    "all": "One for all settings",
}
STRIPS: Final = {"finding": "Every class", "layer": "Every layer", "none": "Maps alone"}
LAYER_KEY: Final = "saliency_layer"
VIEW_KEY: Final = "saliency_view"
SCALE_KEY: Final = "scale"
METHOD_KEY: Final = "saliency_method"
_USUAL: Final = "usual"


@dataclass(frozen=True)
class MapChoice:
    """What to look at. layer : None = the method's usual one.  scale : of SCALES.  strip : of STRIPS, of a setting."""

    finding: str
    method: str = ""
    layer: str | None = None
    scale: str = "unit"
    strip: str = "none"
    strip_setting: str = ""

    @property
    def layers(self) -> tuple[str, ...] | None:
        """As core asks for layers."""
        return None if self.layer is None else (self.layer,)


def pick_view(views: Mapping[str, str]) -> str:
    """Which part of the page is looked at, from the session or the address; the first unless another is asked for.

    Who comes from another page and asks for a part gets it, whatever was looked at before.
    """
    first = next(iter(views))
    asked = st.query_params.get("view")
    if navigation.has_just_come() and asked in views:
        st.session_state[VIEW_KEY] = asked
    return selection.pick_one(
        "Look at", list(views), default=first, words=views, key=VIEW_KEY, address="view", has_label=False
    )


def go_to(view: str, finding: str) -> None:
    """Another part of the page, with a class to look at; for callbacks."""
    st.session_state[VIEW_KEY] = view
    st.session_state[selection.MAP_FINDING] = finding


def pick(
    study: Study, findings: Sequence[str], of: Sequence[Method], line: DeltaGenerator, above: DeltaGenerator
) -> MapChoice:
    """Class, method and small pictures, and the rest in a popover; only the class where no method has maps.

    of : the methods to choose among, the usual one first.  line : where the widgets stand.  above : where that of
    the small pictures does, in sight in a narrow window too.
    """
    with line:
        finding = _finding(findings)
        if not of:
            return MapChoice(finding)
        methods = {entry.name: _method_title(entry.name) for entry in of}
        method = selection.pick_listed(
            "Method", list(methods), default=of[0].name, words=methods, key=METHOD_KEY, address="method", width=150
        )
    with above:
        strip = selection.pick_one(
            "Small pictures", list(STRIPS), default="finding", words=STRIPS, key="strip", has_label=False
        )
    with line, st.popover("", icon=":material/tune:", help="Layer, colour scale and more"):
        layer = _layer(study)
        scale = selection.pick_listed(
            "Colour scale", list(SCALES), default=next(iter(SCALES)), words=SCALES, key=SCALE_KEY, width=280
        )
        of_setting = _strip_setting(study) if strip == "finding" else ""
    return MapChoice(finding, method, layer, scale, strip, of_setting)


def _finding(findings: Sequence[str]) -> str:
    return selection.pick_listed(
        "Finding", findings, default=findings[0], key=selection.MAP_FINDING, address="map_of", width=185
    )


def _layer(study: Study) -> str | None:
    choices = cache.offered_layers(study)
    labels = {choice.name: choice.label for choice in choices}
    words = {_USUAL: "Default layer", **labels}
    chosen = selection.pick_listed(
        "Layer", list(words), default=_USUAL, words=words, key=LAYER_KEY, address="layer", width=280
    )
    return None if chosen == _USUAL else chosen


def _strip_setting(study: Study) -> str:
    words = {name: setting_title(name) for name in study.settings}
    return selection.pick_listed(
        "Small pictures of", list(words), default=shown_first(study.settings), words=words, key="strip_of", width=150
    )


def _method_title(name: str) -> str:
    method = method_of(name)
    return f"{method.title} (baseline)" if method.is_baseline else method.title


def layer_of(study: Study, look: MapChoice) -> LayerChoice | None:
    """The layer that was chosen; None where it is the method's usual one."""
    return next((choice for choice in cache.offered_layers(study) if choice.name == look.layer), None)


def follow_small_picture(sent: dict[str, str] | None) -> None:
    """Takes over the class or layer whose small picture was chosen, or a scale that was asked for; for callbacks."""
    if sent and sent.get("strip") == "finding":
        st.session_state[selection.MAP_FINDING] = sent["value"]
    elif sent and sent.get("strip") == "layer":
        st.session_state[LAYER_KEY] = sent["value"]
    elif sent and sent.get("strip") == "scale":
        st.session_state[SCALE_KEY] = sent["value"]
