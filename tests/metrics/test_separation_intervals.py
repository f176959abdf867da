"""Intervals of centroid figures hold the population's value where there are many more dimensions than films."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from core.metrics.separation.conventions import class_distances
from core.metrics.separation.intervals import basic_interval
from core.metrics.separation.null import ratio_interval
from core.metrics.separation.one_class import separate_classes

N_DIMENSIONS, N_FILMS, N_DRAWS = 256, 200, 20
SPREAD = 1 / np.sqrt(np.arange(1, N_DIMENSIONS + 1))
SHARES = np.array([0.1, 0.15, 0.2, 0.3])
NOWHERE = np.zeros((4, N_DIMENSIONS))
SOMEWHERE = np.random.default_rng(99).normal(size=NOWHERE.shape) * SPREAD * 0.8


@dataclass(frozen=True)
class Drawn:
    embeddings: np.ndarray
    labels: np.ndarray
    patients: list[str]


def draw(seed: int, towards: np.ndarray, n_films: int = N_FILMS) -> Drawn:
    """Films with a power-law spectrum; each class moves its films by its row of `towards`."""
    rng = np.random.default_rng([seed, 5])
    labels = (rng.random((n_films, 4)) < SHARES).astype(float)
    embeddings = rng.normal(size=(n_films, N_DIMENSIONS)) * SPREAD + labels @ towards
    return Drawn(embeddings.astype(np.float32), labels, [str(row) for row in range(n_films)])


def centroid_ratio(towards: np.ndarray) -> float:
    """Of the population: 20,000 films, or 0 where no class moves its films."""
    films = draw(0, towards, 20_000)
    return class_distances(films.embeddings, films.labels, "centroid").ratio if towards.any() else 0.0


@pytest.mark.parametrize("towards", [SOMEWHERE, NOWHERE], ids=["separated", "not at all"])
def test_intervals_of_the_centroid_ratio_hold_the_population_s(towards: np.ndarray) -> None:
    truth, held = centroid_ratio(towards), 0
    for seed in range(1, N_DRAWS + 1):
        films, rng = draw(seed, towards), np.random.default_rng(seed)
        given = films.embeddings, films.labels, films.patients, "centroid", "euclidean"
        interval = ratio_interval(*given, n_resamples=200, rng=rng)  # type: ignore[arg-type]
        held += interval.low <= truth <= interval.high
        value = class_distances(films.embeddings, films.labels, "centroid").ratio
        assert interval.low - 1e-9 <= value <= interval.high + 1e-9  # but for rounding
    assert held >= 16


@pytest.mark.parametrize("towards", [SOMEWHERE, NOWHERE], ids=["separated", "not at all"])
def test_intervals_of_fisher_and_davies_bouldin_hold_the_population_s(towards: np.ndarray) -> None:
    truth = _population(towards)
    held = np.zeros(2)
    for seed in range(1, N_DRAWS + 1):
        films = draw(seed, towards)
        one = separate_classes(films.embeddings, films.labels[:, :1], ("A",), films.patients, n_shuffles=1)[0]
        for place, figure in enumerate((one.fisher_ratio, one.davies_bouldin)):
            assert figure.interval.low <= figure.value <= figure.interval.high
            held[place] += figure.interval.low <= truth[place] <= figure.interval.high
    assert held.min() >= 16


def _population(towards: np.ndarray) -> tuple[float, float]:
    """Fisher's ratio and Davies-Bouldin of the first class against the rest, from the moments of 20,000 films."""
    if not towards.any():
        return 0.0, math.inf
    films = draw(0, towards, 20_000)
    own, rest = (films.embeddings[films.labels[:, 0] == value].astype(float) for value in (1, 0))
    gap = np.linalg.norm(own.mean(axis=0) - rest.mean(axis=0))
    reach = sum(np.linalg.norm(side - side.mean(axis=0), axis=1).mean() for side in (own, rest))
    return float(gap**2 / (own.var(axis=0).sum() + rest.var(axis=0).sum())), float(reach / gap)


def test_a_basic_interval_by_hand() -> None:
    resampled = np.linspace(2, 3, 101)
    got = basic_interval(2.2, resampled, 20, power=1)
    assert (got.low, got.high) == pytest.approx((4.4 - 2.975, 4.4 - 2.025))
    squared = basic_interval(2.2, resampled, 20, power=2)
    low, high = np.quantile(resampled**2, [0.025, 0.975])
    assert (squared.low, squared.high) == pytest.approx((math.sqrt(9.68 - high), math.sqrt(9.68 - low)))


def test_an_interval_is_widened_to_its_own_estimate_and_may_have_no_upper_end() -> None:
    assert basic_interval(1.0, np.linspace(1.5, 1.8, 50), 20, power=1).high == 1.0
    assert basic_interval(1.0, np.linspace(1.5, 2.8, 50), 20, power=1).low == 0.0
    inverse = basic_interval(5.0, np.linspace(2, 3, 50), 20, power=-2)
    assert (inverse.low, inverse.high) == (5.0, math.inf)


def test_an_interval_is_not_estimable_from_few_films_or_an_undefined_figure() -> None:
    resampled = np.linspace(1, 2, 50)
    for value, n in ((1.5, 4), (math.nan, 20), (0.0, 20)):
        assert not basic_interval(value, resampled, n, power=2).is_estimable
