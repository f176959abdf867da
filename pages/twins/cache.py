"""Cached functions of twin films, keyed as in `pages.shared.cache`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from core.saliency.tower.model_key import maps_key
from core.study import Study
from core.twins.audit import Audit, shortcut_audit
from core.twins.effects import FindingEffects
from core.twins.matrix import CausalMatrix, causal_matrix
from core.twins.stored import stored_effects
from pages.shared.cache import STUDY_KEY

if TYPE_CHECKING:
    from core.datasets.twins import TakenFilm
    from core.own_film.scorer import FilmScorer
    from core.saliency.localization.ranking import RankedMaps
    from core.saliency.localization.summary import LocalizationSummary
    from core.saliency.localization.table import LocalizationResults


def _models(study: Study) -> tuple[Any, ...]:
    return str(study.root), *(maps_key(study, setting) for setting in study.settings)


_MODELS_KEY: Final[dict[str | type[Any], Any]] = {Study: _models}
"""A study as a key of its models: the same when parts are added."""


@st.cache_resource(max_entries=4, hash_funcs=_MODELS_KEY, show_spinner=False)
def scorer(study: Study) -> FilmScorer:
    """The models of all settings. Raises CoreError where none is here."""
    from core.own_film.scorer import load_scorer

    return load_scorer(study)


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def film(study: Study, image_id: str) -> TakenFilm:
    """The study's film, taken again. Raises DatasetError where nothing can."""
    from core.twins.pair import study_renderer

    renderer = study_renderer(study)
    return renderer.take(image_id, renderer.shown(image_id))


@st.cache_resource(max_entries=4, hash_funcs=STUDY_KEY, show_spinner=False)
def effects(study: Study) -> FindingEffects | None:
    """The effects that a study holds; None where it holds none that are of it."""
    return stored_effects(study)


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def matrix(study: Study, setting: str) -> CausalMatrix | None:
    """The causal matrix of a setting; None where the study holds no effects on its scores."""
    found = effects(study)
    return None if found is None or setting not in found.settings else causal_matrix(study, found, setting)


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def audit(study: Study, setting: str, split: str) -> Audit:
    """The shortcut audit of a setting on a split."""
    return shortcut_audit(study, setting, split)


@st.cache_resource(max_entries=4, hash_funcs=STUDY_KEY, show_spinner=False)
def causes(study: Study) -> LocalizationResults | None:
    """Maps against causes, where the study holds the table."""
    from core.twins.causes import cause_table

    return cause_table(study)


@st.cache_resource(max_entries=48, hash_funcs=STUDY_KEY, show_spinner="Comparing maps with causes")
def judged(study: Study, setting: str, metric: str) -> tuple[RankedMaps, LocalizationSummary] | None:
    """The maps of a setting that validation prefers, and what they come to on test; None where none can be chosen."""
    from core.saliency.localization.pairs import MaskFilter
    from core.saliency.localization.ranking import chosen_on_val
    from core.saliency.localization.summary import summarize

    table = causes(study)
    chosen = None if table is None else chosen_on_val(table, setting, metric)
    return (
        None if table is None or chosen is None else (chosen, summarize(table, chosen.of, MaskFilter("test"), metric))
    )
