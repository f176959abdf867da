"""Whether the maps that are shown say what the models do: their cards of faithfulness."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.errors import CoreError
from core.figures.faithfulness import perturbation_figure
from core.saliency.methods import method_of
from core.settings.registry import shown_first
from core.settings.titles import setting_title
from core.study import Study
from core.words import number_words, signed_words
from pages.saliency import cache
from pages.saliency.choices import MapChoice
from pages.saliency.maps import Found
from pages.serving import turns
from pages.shared import notices, take

if TYPE_CHECKING:
    from core.saliency.faithfulness import PerturbationCurves

_HOW = (
    "**Deletion** greys the patches that the map ranks highest: the score should fall at once, so low is good. "
    "**Insertion** brings them back: high is good. Both from 0, an empty film, to 1, the whole film. **ROAD** fills "
    "patches in from around them: above 0 the map's highest patches matter more than its lowest; in the unit of the "
    "setting's score."
)


def show(study: Study, image_id: str, found: Found, look: MapChoice) -> None:
    """A card that is computed when it is opened."""
    card = st.expander(
        "Is this map faithful to the model?", icon=":material/fact_check:", key="faithfulness", on_change="rerun"
    )
    if card.open:
        with card, turns.one_look("Greying patches and scoring the film again…"):
            _card(study, image_id, found, look)


def _card(study: Study, image_id: str, found: Found, look: MapChoice) -> None:
    rows, curves, problems = [], {}, []
    for setting in found.maps:
        try:
            layers = cache.layers_in(study, setting, look.layers)
            steps, road = cache.faithfulness(study, setting, image_id, look.finding, look.method, layers)
        except CoreError as error:
            st.caption(f"{setting_title(setting)}: {notices.plain(error.message)}")
            continue
        curves[setting] = steps
        problems += [
            f"{setting_title(setting)}: {words}" for words in dict.fromkeys((steps.problem, road.problem)) if words
        ]
        rows.append(
            {
                "Setting": setting_title(setting),
                "Deletion ↓": number_words(steps.deletion_area),
                "Insertion ↑": number_words(steps.insertion_area),
                "ROAD ↑": _with_unit(road.value, study.manifest.settings[setting].score_kind),
            }
        )
    if not rows:
        return
    take.table(
        pd.DataFrame(rows).set_index("Setting"),
        take.Of("faithfulness", f"Whether maps of {look.finding} are faithful", film=image_id),
    )
    for words in problems:
        st.markdown(f":material/info: {notices.plain(words)}")
    st.caption("Lower deletion, higher insertion and higher ROAD are better. One film proves little.", help=_HOW)
    if not all(steps.problem for steps in curves.values()):
        _figure(curves, image_id, look)
    _random_weights(study, tuple(curves), look)


def _figure(curves: dict[str, PerturbationCurves], image_id: str, look: MapChoice) -> None:
    title = f"Score of {look.finding} as patches are greyed and brought back, in each setting"
    take.chart(perturbation_figure(curves), take.Of("perturbation", title, film=image_id), key="perturbation")


def _random_weights(study: Study, settings: tuple[str, ...], look: MapChoice) -> None:
    """Whether the method notices that the model knows nothing any more."""
    if method_of(look.method).is_slow:
        st.caption("Not checked against random weights: the method takes too many passes.")
        return
    try:
        setting = shown_first(settings)
        check = cache.randomization(study, setting, look.method)
    except CoreError as error:
        st.caption(notices.plain(error.message))
        return
    icon = ":material/check:" if check.is_sensitive else ":material/warning:"
    st.markdown(f"{icon} **Random weights** ({setting_title(setting)}): {notices.plain(check.sentence)}")


def _with_unit(value: float, unit: str) -> str:
    return signed_words(value) if math.isnan(value) else f"{signed_words(value)} ({unit})"
