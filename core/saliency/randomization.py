"""Whether a map depends on what the model has learnt: it must change when the weights are replaced by random ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch

from core.models.arrays import Progress, UInt8Array, no_progress
from core.saliency.film_maps import maps_by_method
from core.saliency.methods import method_of
from core.saliency.tower.setting_model import SettingModel, Tower

MOST_ALIKE: Final = 0.5
"""Rank correlation from which on a map is said not to depend on the weights."""


@dataclass(frozen=True)
class RandomizationCheck:
    """How like each other the maps of a trained and of a random image tower are.

    correlation : mean rank correlation (Spearman) over films and classes, -1..1; NaN where no pair of maps varies.
    n_maps : pairs that it stands on.
    is_sensitive : whether it is below MOST_ALIKE.
    sentence : for the method's card.
    Source: Adebayo et al., NeurIPS 2018.
    """

    method: str
    correlation: float
    n_maps: int
    is_sensitive: bool
    sentence: str


def randomization_check(
    model: SettingModel,
    films: Sequence[UInt8Array],
    method: str,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> RandomizationCheck:
    """Compute the check of one method over some films; every learnt weight of the image tower is drawn anew."""
    return randomization_checks(model, films, [method], seed=seed, progress=progress)[method]


def randomization_checks(
    model: SettingModel,
    films: Sequence[UInt8Array],
    methods: Sequence[str],
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> dict[str, RandomizationCheck]:
    """Compute the check of several methods, by name, each film seen once by each of the two towers."""
    other = random_tower(model, seed=seed)
    found: dict[str, list[float]] = {name: [] for name in methods}
    for done, film in enumerate(films, start=1):
        sides = [maps_by_method(each, film, methods) for each in (model, other)]
        for name in methods:
            one, two = (side[name].values[-1] for side in sides)
            found[name] += [rank_correlation(a, b) for a, b in zip(one, two, strict=True)]
        progress(done, len(films), "films")
    return {name: _judged(name, np.array(values)) for name, values in found.items()}


def random_tower(model: SettingModel, *, seed: int = 0) -> SettingModel:
    """Make the same model on a copy of its image tower with random weights.

    Every learnt array is shuffled, so it keeps its mean, spread and scale, and loses all that it had learnt.
    """
    visual = model.tower.copied()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in visual.parameters():
            shuffled = weight.cpu().flatten()[torch.randperm(weight.numel(), generator=generator)]
            weight.copy_(shuffled.reshape(weight.shape))
    return replace(model, tower=Tower(visual, model.tower.transform, model.tower.device))


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Compute Spearman's correlation of two maps, -1..1,
    tied values at their mean rank; NaN where one does not vary, or is not defined.
    """
    from scipy.stats import spearmanr

    if not np.ptp(one) > 0 or not np.ptp(other) > 0:
        return float("nan")
    return float(spearmanr(one.ravel(), other.ravel()).statistic)


def _judged(method: str, correlations: np.ndarray) -> RandomizationCheck:
    defined = correlations[~np.isnan(correlations)]
    mean = float(defined.mean()) if defined.size else float("nan")
    is_sensitive = bool(defined.size) and mean < MOST_ALIKE
    title = method_of(method).title
    if not defined.size:
        sentence = f"{title}: no map varied, so whether it depends on the weights cannot be told."
    elif is_sensitive:
        sentence = f"{title} changes when the model's weights are made random: rank correlation {mean:.2f}."
    else:
        sentence = (
            f"{title} hardly changes when the model's weights are made random (rank correlation {mean:.2f}): "
            "it shows the film more than what the model learnt."
        )
    return RandomizationCheck(method, mean, int(defined.size), is_sensitive, sentence)
