"""Four films beside the verdict: one found, one missed, one false alarm, one rightly silent."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.metrics.classification import OUTCOME_TITLES
from core.report.examples import ExampleFilm
from core.settings.titles import setting_title
from core.study import Study
from core.thresholds import ThresholdSet
from pages.overview import cache
from pages.shared import film_view, navigation, notices, selection

_HELP: Final = (
    "The clearest film of each kind at our thresholds, first one on which a reader drew. In brackets: how many films "
    "came out like it. A click opens the film{}."
)
_KEY: Final = "example-films"


def show(study: Study, chosen: ThresholdSet, split: str) -> None:
    """The films with their links; nothing where no film came out in any way. chosen : of the best setting."""
    finding, films = cache.examples(study, chosen, split)
    if not films:
        return
    with_maps = " with its maps" if "saliency" in film_view.pages_of_film(study) else ""
    st.markdown(f"**{notices.plain(finding)}, {_in_text(chosen.setting)}**", help=_HELP.format(with_maps))
    tiles = [(one.row, f"{OUTCOME_TITLES[one.outcome]} ({one.n:,})") for one in films]
    if film_view.gallery(study, tiles, key=_KEY):
        _open(study, chosen.setting, split, finding, films)


def _in_text(setting: str) -> str:
    return notices.plain(setting_title(setting))


def _open(study: Study, setting: str, split: str, finding: str, films: tuple[ExampleFilm, ...]) -> None:
    """The clicked film on Saliency, with the map of the class, among the films that came out like it."""
    film = selection.chosen_film(study)
    outcome = next((one.outcome for one in films if study.image_ids[one.row] == film), None)
    if outcome is not None:
        selection.look_at_outcome(finding, outcome, setting, split)
        navigation.go_to("saliency", film=film)
