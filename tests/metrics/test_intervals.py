"""Wilson's interval against published values, and the percentiles' refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from core.metrics.average_precision_interval import average_precision_interval
from core.metrics.intervals import Interval, percentile_interval, wilson
from core.metrics.patients import Patients, number_patients
from core.metrics.ranking import average_precision


@pytest.mark.parametrize(("k", "n"), [(0, 10), (1, 10), (10, 10), (7, 20), (263, 573), (5, 5)])
def test_wilson_equals_scipy(k: int, n: int) -> None:
    expected = binomtest(k, n).proportion_ci(0.95, method="wilson")
    got = wilson(k, n)
    assert got.is_estimable
    assert (got.low, got.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert got.n == n


@pytest.mark.parametrize("n", [0, 1, 4])
def test_fewer_than_five_are_not_estimable_and_say_how_many_there_are(n: int) -> None:
    got = wilson(0, n)
    assert not got.is_estimable
    assert got.n == n
    assert math.isnan(got.low)
    assert not percentile_interval(np.linspace(0, 1, 100), n).is_estimable


def test_wilson_refuses_what_is_no_share() -> None:
    with pytest.raises(ValueError, match="share"):
        wilson(6, 5)


def test_percentiles_leave_out_resamples_in_which_the_figure_is_undefined() -> None:
    resampled = np.r_[np.arange(101) / 100, np.full(50, np.nan)]
    got = percentile_interval(resampled, 12)
    assert (got.low, got.high) == pytest.approx((0.025, 0.975))
    assert not percentile_interval(np.full(10, np.nan), 12).is_estimable


def test_resamples_that_all_agree_give_no_interval() -> None:
    """A class that is never predicted has F1 0 in every resample, and is no surer for that."""
    assert not percentile_interval(np.zeros(1000), 20).is_estimable


def _of_scores(labels: np.ndarray, scores: np.ndarray, patients: Patients) -> Interval:
    return average_precision_interval(labels, average_precision(labels, scores), patients)


def test_average_precision_lies_within_its_interval_and_the_interval_holds_the_truth() -> None:
    rng = np.random.default_rng(2)
    population = (rng.random(200_000) < 0.05).astype(float)
    truth = average_precision(population, rng.normal(size=population.size) + 1.5 * population)
    held = 0
    for _ in range(300):
        labels = (rng.random(800) < 0.05).astype(float)
        scores = rng.normal(size=800) + 1.5 * labels
        found = _of_scores(labels, scores, number_patients(None, 800))
        assert found.low <= average_precision(labels, scores) <= found.high
        held += found.low <= truth <= found.high
    assert 0.91 < held / 300 < 0.99


def test_average_precision_of_few_positives_or_no_negative_is_not_estimable() -> None:
    few = np.r_[np.ones(4), np.zeros(50)]
    assert not _of_scores(few, np.arange(54.0), number_patients(None, 54)).is_estimable
    assert not _of_scores(np.ones(20), np.arange(20.0), number_patients(None, 20)).is_estimable
    perfect = _of_scores(np.r_[np.ones(9), np.zeros(9)], np.arange(18.0)[::-1], number_patients(None, 18))
    assert perfect.high == 1
    assert perfect.low < 0.9
    copies = [f"p{film // 3}" for film in range(54)]
    labels, scores = np.repeat(np.r_[np.ones(6), np.zeros(12)], 3), np.repeat(np.arange(18.0) % 7, 3)
    together = _of_scores(labels, scores, number_patients(copies, 54))
    apart = _of_scores(labels, scores, number_patients(None, 54))
    assert together.high - together.low > apart.high - apart.low
