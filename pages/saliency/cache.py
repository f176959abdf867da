"""Cached functions of saliency maps, keyed as in `pages.shared.cache`; a model's maps stay while marks are added."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.errors import CoreError, SaliencyError
from core.saliency import first_films
from core.saliency.imported import ImportedMaps, has_imported_maps
from core.saliency.localization.pairs import MapKey, MaskFilter
from core.saliency.localization.ranking import RankedMaps, chosen_on_val, ranked_maps
from core.saliency.localization.summary import LocalizationSummary, PairedDifference, compare, summarize
from core.saliency.localization.table import LocalizationResults
from core.saliency.methods import IMPORTED, method_of
from core.saliency.tower.model_key import maps_key
from core.study import Study
from core.turns import Line
from pages.serving import turns
from pages.shared.cache import STUDY_KEY, film

if TYPE_CHECKING:
    from core.saliency.faithfulness import PerturbationCurves, RoadCurve
    from core.saliency.layer_choice import LayerChoice
    from core.saliency.maps import FilmMaps
    from core.saliency.randomization import RandomizationCheck

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
    """The maps of every class of one film. Raises ModelError or SaliencyError where there is none, BusyError where too
    many wait for theirs."""
    return turns.within(line_of(method), lambda: _film_maps(OfSetting(study, setting), image_id, method, layers))


def line_of(method: str) -> Line:
    """Where maps by a method wait for their turn."""
    return turns.LONG if method_of(method).is_slow else turns.MAPS


@st.cache_resource(max_entries=96, hash_funcs=_SETTING_KEY, show_spinner=False)
def _film_maps(of: OfSetting, image_id: str, method: str, layers: tuple[str, ...] | None) -> FilmMaps:
    pixels = film(of.study, image_id)
    if has_imported_maps(of.study, of.setting):
        return _imported(of, image_id, pixels, method)
    if method == IMPORTED.name:
        raise SaliencyError(
            f"No maps were imported for {of.setting}.", remedy="Choose a method that asks its model, such as Grad-CAM."
        )
    if layers is None and (kept := first_films.first_maps(of.study, of.setting, image_id, method)) is not None:
        return kept
    turns.need()
    from core.saliency.film_maps import film_maps as compute
    from core.saliency.tower.setting_model import load_setting_model

    return compute(load_setting_model(of.study, of.setting), pixels, method=method, layers=layers)


def _imported(of: OfSetting, image_id: str, pixels: npt.NDArray[np.uint8], method: str) -> FilmMaps:
    found = ImportedMaps(of.study, of.setting).maps(image_id, pixels, [method])
    if method not in found:
        raise SaliencyError(
            f"{method_of(method).title} asks a model, and {of.setting} has imported maps alone.",
            remedy=f"Choose {IMPORTED.title}.",
        )
    return found[method]


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def load_models(study: Study) -> None:
    """Load what is behind the maps in a thread, once: the next film need not wait for it."""
    threading.Thread(target=_load_models, args=(study,), name="models", daemon=True).start()


def _load_models(study: Study) -> None:
    import core.saliency.film_maps  # noqa: F401
    from core.saliency.tower.setting_model import load_setting_model

    for setting in study.settings:
        with suppress(CoreError):  # who asks for its maps is told
            load_setting_model(study, setting)


def layer_choices(study: Study, setting: str) -> tuple[LayerChoice, ...]:
    """The layers that maps can be read at. Raises ModelError or SaliencyError where there is no model."""
    return _layer_choices(OfSetting(study, setting))


def offered_layers(study: Study) -> tuple[LayerChoice, ...]:
    """The layers to choose from, those of the first model that is here; none, without words, where there is none."""
    for setting in study.settings:
        try:
            return layer_choices(study, setting)
        except CoreError:
            continue
    return ()


def layers_in(study: Study, setting: str, layers: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The layers of a setting's own tower that stand for the chosen ones, in a study of several models."""
    if layers is None or not study.manifest.beside:
        return layers
    from core.saliency.tower.layers import counterpart

    own = layer_choices(study, setting)
    return tuple(counterpart(name, offered_layers(study), own) for name in layers)


@st.cache_resource(max_entries=32, hash_funcs=_SETTING_KEY, show_spinner=False)
def _layer_choices(of: OfSetting) -> tuple[LayerChoice, ...]:
    if (kept := first_films.first_layers(of.study, of.setting)) is not None:
        return kept
    from core.saliency.tower import layers
    from core.saliency.tower.setting_model import load_setting_model

    return layers.layer_choices(load_setting_model(of.study, of.setting).visual)


def faithfulness(
    study: Study, setting: str, image_id: str, finding: str, method: str, layers: tuple[str, ...] | None
) -> tuple[PerturbationCurves, RoadCurve]:
    """What a map's own ranking of patches does to the score. Raises SaliencyError where there is no map."""
    of = OfSetting(study, setting)
    return turns.within(turns.LONG, lambda: _faithfulness(of, image_id, finding, method, layers))


@st.cache_resource(max_entries=64, hash_funcs=_SETTING_KEY, show_spinner=False)
def _faithfulness(
    of: OfSetting, image_id: str, finding: str, method: str, layers: tuple[str, ...] | None
) -> tuple[PerturbationCurves, RoadCurve]:
    turns.need()
    from core.saliency.faithfulness import deletion_insertion, road
    from core.saliency.tower.setting_model import load_setting_model

    model, pixels = load_setting_model(of.study, of.setting), film(of.study, image_id)
    saliency = _film_maps(of, image_id, method, layers).of(finding)
    return deletion_insertion(model, pixels, finding, saliency), road(model, pixels, finding, saliency)


def randomization(study: Study, setting: str, method: str) -> RandomizationCheck:
    """How much a method's maps change where the weights are drawn anew, on the first films of test."""
    return turns.within(turns.LONG, lambda: _randomization(OfSetting(study, setting), method))


@st.cache_resource(max_entries=32, hash_funcs=_SETTING_KEY, show_spinner=False)
def _randomization(of: OfSetting, method: str) -> RandomizationCheck:
    turns.need()
    from core.saliency.randomization import randomization_check
    from core.saliency.tower.setting_model import load_setting_model

    study = of.study
    ids = [study.image_ids[row] for row in study.rows("test")[:_N_RANDOMIZED]] or study.image_ids[:_N_RANDOMIZED]
    films = [film(study, image_id) for image_id in ids]
    return randomization_check(load_setting_model(study, of.setting), films, method)


@dataclass(frozen=True)
class Agreement:
    """What maps and masks are compared by. layer : None for the method's own.  finding, reader : None for all."""

    split: str
    metric: str
    method: str
    layer: str | None = None
    finding: str | None = None
    reader: str | None = None

    @property
    def films(self) -> MaskFilter:
        """Whose masks."""
        return MaskFilter(self.split, None if self.finding is None else (self.finding,), self.reader)

    def of(self, setting: str) -> MapKey:
        """A setting's maps."""
        return MapKey(setting, self.method, self.layer)


_TABLE_KEY: Final[dict[str | type[Any], Any]] = {LocalizationResults: lambda computed: computed.key}


@st.cache_resource(max_entries=64, hash_funcs=_TABLE_KEY, show_spinner=False)
def agreement(computed: LocalizationResults, chosen: Agreement) -> dict[str, LocalizationSummary]:
    """How well maps and masks agree, by setting."""
    given = chosen.films, chosen.metric
    return {setting: summarize(computed, chosen.of(setting), *given) for setting in computed.settings}


@st.cache_resource(max_entries=64, hash_funcs=_TABLE_KEY, show_spinner=False)
def agreement_differences(computed: LocalizationResults, chosen: Agreement) -> dict[tuple[str, str], PairedDifference]:
    """The settings against each other, the later one first, on the same films."""
    return {
        (first, second): compare(computed, chosen.of(first), chosen.of(second), chosen.films, chosen.metric)
        for second, first in combinations(computed.settings, 2)
    }


@st.cache_resource(max_entries=32, hash_funcs=_TABLE_KEY, show_spinner=False)
def ranking(computed: LocalizationResults, metric: str) -> dict[str, tuple[RankedMaps, ...]]:
    """By setting, every method and layer on validation films, the best first."""
    return {setting: ranked_maps(computed, setting, metric) for setting in computed.settings}


@st.cache_resource(max_entries=32, hash_funcs=_TABLE_KEY, show_spinner=False)
def chosen_maps(computed: LocalizationResults, metric: str) -> dict[str, ChosenMaps]:
    """By setting, the method and layer chosen on validation, and their figure on test."""
    chosen = {setting: chosen_on_val(computed, setting, metric) for setting in computed.settings}
    return {
        setting: ChosenMaps(best, summarize(computed, best.of, MaskFilter("test"), metric))
        for setting, best in chosen.items()
        if best is not None
    }


@dataclass(frozen=True)
class ChosenMaps:
    """A method and layer that agreed best on validation, and how they do on test."""

    on_val: RankedMaps
    on_test: LocalizationSummary
