"""Shuffled labels: p-values that are uniform where there is nothing, small where there is, honest about patients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kstest

from core.metrics.neighbours import METRICS, Metric
from core.metrics.separation.conventions import CONVENTIONS, class_distances
from core.metrics.separation.null import (
    PairSeparation,
    null_band,
    pair_separation,
    patient_shuffles,
    ratio_interval,
    ratio_null,
)
from tests.metrics.planted import planted

NAMES = [convention.name for convention in CONVENTIONS]
N_RUNS, N_SHUFFLES = 200, 99


def p_of(seed: int, gap: float, name: str, metric: Metric, per_patient: int = 1) -> float:
    rng = np.random.default_rng([seed, 17])
    films = planted(rng, gap, n=36, per_patient=per_patient)
    found = ratio_null(films.embeddings, films.labels, films.patients, name, metric, n_shuffles=N_SHUFFLES, rng=rng)
    return found.p_value


def uniform(p_values: list[float]) -> float:
    """The Kolmogorov-Smirnov p-value against uniformity, the steps of 1 / 100 filled in evenly."""
    filled = np.array(p_values) - np.random.default_rng(0).random(len(p_values)) / (N_SHUFFLES + 1)
    return float(kstest(filled, "uniform").pvalue)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", NAMES)
def test_p_values_are_uniform_where_there_is_nothing(name: str, metric: Metric) -> None:
    assert uniform([p_of(seed, 0, name, metric) for seed in range(N_RUNS)]) > 0.01


def test_p_values_are_uniform_where_films_of_a_patient_are_alike() -> None:
    assert uniform([p_of(seed, 0, "centroid", "euclidean", per_patient=3) for seed in range(N_RUNS)]) > 0.01


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", NAMES)
def test_a_planted_separation_is_found(name: str, metric: Metric) -> None:
    assert np.median([p_of(seed, 3, name, metric) for seed in range(5)]) == 1 / (N_SHUFFLES + 1)


def test_pairs_of_classes_are_uniform_under_their_own_null_though_others_separate() -> None:
    """Class 2 lies far away; 0 and 1 are the same."""
    p_values = []
    for seed in range(N_RUNS):
        rng = np.random.default_rng([seed, 3])
        labels = np.eye(3)[np.repeat([0, 1, 2], [20, 12, 12])]
        labels[:3] = [1, 1, 0]
        embeddings = rng.normal(size=(44, 4)) + 8 * labels[:, 2:]
        patients = [str(row) for row in range(44)]
        found = pair_separation(embeddings, labels, patients, "all_pairs", "euclidean", n_shuffles=N_SHUFFLES, rng=rng)
        p_values.append(float(found.p_value[0, 1]))
        assert found.p_value[0, 2] == found.p_value[2, 0] == 1 / (N_SHUFFLES + 1)
        assert found.ratio[0, 2] > found.high[0, 2]
    assert uniform(p_values) > 0.01


def test_a_pair_without_five_films_of_its_own_each_is_undefined() -> None:
    labels = np.zeros((30, 3))
    labels[:10, 0] = labels[6:20, 1] = labels[20:24, 2] = 1
    rng = np.random.default_rng(0)
    patients = [str(row) for row in range(30)]
    found = pair_separation(rng.normal(size=(30, 3)), labels, patients, "centroid", "cosine", n_shuffles=20, rng=rng)
    assert found.n_only[:2, :2].tolist() == [[0, 6], [10, 0]]
    assert not math.isnan(found.p_value[0, 1])
    assert np.isnan(found.ratio[2]).all()
    assert np.isnan(np.diagonal(found.ratio)).all()


def test_pairs_are_counted_once() -> None:
    p_value = np.array([[np.nan, 0.01, np.nan], [0.01, np.nan, 0.2], [np.nan, 0.2, np.nan]])
    pairs = PairSeparation(p_value, p_value, p_value, p_value, np.zeros((3, 3), int))
    assert (pairs.n_pairs, pairs.n_below(0.05), pairs.n_below(0.01)) == (2, 1, 0)


def test_shuffles_exchange_whole_patients_of_as_many_films() -> None:
    patients = ["a", "b", "b", "c", "d", "d", "e", "f", "f", "f"]
    orders = patient_shuffles(patients, 100, np.random.default_rng(0))
    names = np.array(patients)
    for order in orders:
        assert sorted(order) == list(range(10))
        assert names[order[1]] == names[order[2]]
        assert order[7:].tolist() == [7, 8, 9]
    assert {names[order[1]] for order in orders} == {"b", "d"}
    assert {names[order[0]] for order in orders} == {"a", "c", "e"}


def test_a_band_by_hand() -> None:
    shuffled = np.arange(1, 101) / 100
    band = null_band(0.985, shuffled)
    assert band.p_value == 3 / 101
    assert (band.low, band.median, band.high) == pytest.approx(np.quantile(shuffled, [0.025, 0.5, 0.975]).tolist())
    assert null_band(0.015, shuffled, larger_is_separated=False).p_value == 2 / 101
    assert math.isnan(null_band(math.nan, shuffled).p_value)


@pytest.mark.parametrize("name", NAMES)
def test_intervals_surround_the_figure_and_narrow_with_more_patients(name: str) -> None:
    widths = []
    for n in (60, 480):
        films = planted(np.random.default_rng(1), 2, n=n)
        found = ratio_interval(
            films.embeddings,
            films.labels,
            films.patients,
            name,
            "euclidean",
            n_resamples=100,
            rng=np.random.default_rng(2),
        )
        assert found.low < class_distances(films.embeddings, films.labels, name).ratio < found.high
        widths.append(found.high - found.low)
    assert widths[1] < 0.7 * widths[0]


def test_copies_of_films_do_not_narrow_an_interval() -> None:
    """Each film three times under one patient: as wide as once."""
    films = planted(np.random.default_rng(1), 2, n=60)
    once, thrice = (
        ratio_interval(
            np.repeat(films.embeddings, times, axis=0),
            np.repeat(films.labels, times, axis=0),
            np.repeat(films.patients, times).tolist(),
            "centroid",
            "euclidean",
            n_resamples=200,
            rng=np.random.default_rng(2),
        )
        for times in (1, 3)
    )
    assert thrice.high - thrice.low == pytest.approx(once.high - once.low, rel=0.25)
