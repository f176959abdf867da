"""Cached functions of saliency maps. What a model makes of films is kept while marks are added. Keys are as in `cache`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from core.saliency.model_key import maps_key
from core.study import Study
from pages.shared.cache import STUDY_KEY, film

if TYPE_CHECKING:
    from core.saliency.faithfulness import PerturbationCurves, RoadCurve
    from core.saliency.film_maps import FilmMaps
    from core.saliency.layers import LayerChoice
    from core.saliency.randomization import RandomizationCheck
    from core.saliency.table import SaliencyTable
    from core.saliency.table_summary import LocalizationSummary, PairedDifference

_N_RANDOMIZED: Final = 4


@dataclass(frozen=True, eq=False)
class OfSetting:
    """A setting of a study as a key of what its model makes of films: the same when marks are added."""

    study: Study
    setting: str

    @property
    def key(self) -> tuple[str, ...]:
        """The folder, the films with their scores, and the model."""
        return str(self.study.root), self.setting, *maps_key(self.study, self.setting)


_SETTING_KEY: Final[dict[str | type[Any], Any]] = {OfSetting: lambda of: of.key}


def film_maps(study: Study, setting: str, image_id: str, method: str, layers: tuple[str, ...] | None) -> FilmMaps:
    """The maps of every class of one film. Raises ModelError or SaliencyError where there is none."""
    return _film_maps(OfSetting(study, setting), image_id, method, layers)


@st.cache_resource(max_entries=96, hash_funcs=_SETTING_KEY, show_spinner=False)
def _film_maps(of: OfSetting, image_id: str, method: str, layers: tuple[str, ...] | None) -> FilmMaps:
    from core.saliency.film_maps import film_maps as compute
    from core.saliency.setting_model import load_setting_model

    model = load_setting_model(of.study, of.setting)
    return compute(model, film(of.study, image_id), method=method, layers=layers)


def layer_choices(study: Study, setting: str) -> tuple[LayerChoice, ...]:
    """The layers that maps can be read at. Raises ModelError or SaliencyError where there is no model."""
    return _layer_choices(OfSetting(study, setting))


@st.cache_resource(max_entries=32, hash_funcs=_SETTING_KEY, show_spinner=False)
def _layer_choices(of: OfSetting) -> tuple[LayerChoice, ...]:
    from core.saliency import layers
    from core.saliency.setting_model import load_setting_model

    return layers.layer_choices(load_setting_model(of.study, of.setting).visual)


def faithfulness(
    study: Study, setting: str, image_id: str, finding: str, method: str, layers: tuple[str, ...] | None
) -> tuple[PerturbationCurves, RoadCurve]:
    """What a map's own ranking of patches does to the score. Raises SaliencyError where there is no map."""
    return _faithfulness(OfSetting(study, setting), image_id, finding, method, layers)


@st.cache_resource(max_entries=64, hash_funcs=_SETTING_KEY, show_spinner=False)
def _faithfulness(
    of: OfSetting, image_id: str, finding: str, method: str, layers: tuple[str, ...] | None
) -> tuple[PerturbationCurves, RoadCurve]:
    from core.saliency.faithfulness import deletion_insertion, road
    from core.saliency.setting_model import load_setting_model

    model, pixels = load_setting_model(of.study, of.setting), film(of.study, image_id)
    saliency = _film_maps(of, image_id, method, layers).of(finding)
    return deletion_insertion(model, pixels, finding, saliency), road(model, pixels, finding, saliency)


def randomization(study: Study, setting: str, method: str) -> RandomizationCheck:
    """How much a method's maps change where the weights are drawn anew, on the first films of test."""
    return _randomization(OfSetting(study, setting), method)


@st.cache_resource(max_entries=32, hash_funcs=_SETTING_KEY, show_spinner=False)
def _randomization(of: OfSetting, method: str) -> RandomizationCheck:
    from core.saliency.randomization import randomization_check
    from core.saliency.setting_model import load_setting_model

    study = of.study
    ids = [study.image_ids[row] for row in study.rows("test")[:_N_RANDOMIZED]] or study.image_ids[:_N_RANDOMIZED]
    films = [film(study, image_id) for image_id in ids]
    return randomization_check(load_setting_model(study, of.setting), films, method)


@dataclass(frozen=True)
class Agreement:
    """What maps and masks are compared by. finding : None for all classes."""

    split: str
    metric: str
    method: str
    finding: str | None


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def agreement(study: Study, _table: SaliencyTable, chosen: Agreement) -> dict[str, LocalizationSummary]:
    """How well maps and masks agree, by setting. _table : the study's; a study has one."""
    from core.saliency.table_summary import summarize

    given = vars(chosen)
    return {setting: summarize(_table, setting=setting, **given) for setting in _table.settings}


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def agreement_differences(
    study: Study, _table: SaliencyTable, chosen: Agreement
) -> dict[tuple[str, str], PairedDifference]:
    """The settings against each other, the later one first, on the same films. _table : the study's."""
    from core.saliency.table_summary import compare

    given = {"split": chosen.split, "metric": chosen.metric, "finding": chosen.finding}
    return {
        (first, second): compare(
            _table,
            first=(first, chosen.method),
            second=(second, chosen.method),
            **given,  # type: ignore[arg-type]
        )
        for second, first in combinations(_table.settings, 2)
    }
