"""Intervals in closed form: by hand, against Wilson's, and by how often they hold a known truth."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.auroc_interval import auroc_interval
from core.metrics.class_figures import class_intervals
from core.metrics.count_intervals import ShareSums, f1_interval, share_interval
from core.metrics.intervals import wilson
from core.metrics.patients import number_patients
from tests.benchmarks.coverage import USED, Population, closed_form


def table(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.2).astype(float)
    labels[::13] = np.nan
    scores = rng.normal(size=n) + np.nan_to_num(labels)
    return labels, scores, scores > 0.8


@pytest.mark.parametrize("seed", range(5))
def test_shares_of_independent_films_have_wilsons_interval(seed: int) -> None:
    labels, _, decided = table(seed)
    got = class_intervals(labels, decided, number_patients(None, len(labels)))
    tp, p = int((decided & (labels == 1)).sum()), int((labels == 1).sum())
    fp, n = int((decided & (labels == 0)).sum()), int((labels == 0).sum())
    for name, k, trials in (("recall", tp, p), ("specificity", n - fp, n), ("precision", tp, tp + fp)):
        wanted = wilson(k, trials)
        assert (got[name].low, got[name].high) == pytest.approx((wanted.low, wanted.high)), name
    union = wilson(tp, p + fp)
    ends = [2 * end / (1 + end) for end in (union.low, union.high)]
    assert (got["f1"].low, got["f1"].high) == pytest.approx(ends)
    assert got["f1"].n == p


def test_copies_of_a_film_are_no_more_evidence() -> None:
    """Four identical films a patient: the design effect is 4, and the interval that of one film a patient."""
    labels, _, decided = table(0)
    one = class_intervals(labels, decided, number_patients(None, len(labels)))
    copies = [f"p{film}" for film in range(len(labels)) for _ in range(4)]
    four = class_intervals(np.repeat(labels, 4), np.repeat(decided, 4), number_patients(copies, 4 * len(labels)))
    for name, interval in one.items():
        assert (four[name].low, four[name].high) == pytest.approx((interval.low, interval.high)), name


def test_the_design_effect_by_hand() -> None:
    """Patients with 2 of 2, 0 of 2 and 1 of 1: share .6, between (.8^2 + 1.2^2 + .4^2) = 2.24, over 5 x .24."""
    sums = ShareSums(hits=3, trials=5, hits_squared=5, hits_trials=5, trials_squared=9)
    assert sums.design_effect == pytest.approx(2.24 / 1.2)
    assert ShareSums(5, 5, 9, 9, 9).design_effect == pytest.approx(9 / 5)  # all hit: a patient counts once


def test_too_few_are_not_estimable() -> None:
    assert not f1_interval(ShareSums(2, 9, 2, 2, 9), 4).is_estimable
    assert not share_interval(ShareSums(0, 0, 0, 0, 0), 9).is_estimable
    labels = np.r_[np.ones(4), np.zeros(50)]
    assert not auroc_interval(labels, np.arange(54.0), number_patients(None, 54)).is_estimable


def test_ends_stay_within_0_and_1() -> None:
    labels = np.r_[np.ones(6), np.zeros(30)]
    for decided in (labels == 1, labels == 2, labels == 0):
        for interval in class_intervals(labels, decided, number_patients(None, 36)).values():
            assert not interval.is_estimable or 0 <= interval.low <= interval.high <= 1
    perfect = auroc_interval(labels, labels, number_patients(None, 36))
    assert perfect.low < 0.9
    assert perfect.high == 1  # the area itself is always inside


def test_an_area_is_inside_its_interval_and_patients_widen_it() -> None:
    labels, scores, _ = table(1)
    alone = auroc_interval(labels, scores, number_patients(None, len(labels)))
    copies = [f"p{film}" for film in range(len(labels)) for _ in range(4)]
    repeated = auroc_interval(np.repeat(labels, 4), np.repeat(scores, 4), number_patients(copies, 4 * len(labels)))
    apart = auroc_interval(np.repeat(labels, 4), np.repeat(scores, 4), number_patients(None, 4 * len(labels)))
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=0.05)
    assert apart.high - apart.low == pytest.approx((alone.high - alone.low) / 2, rel=0.05)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize(("d_prime", "threshold"), [(1.5, 1.3), (2.5, 1.8)])
def test_intervals_hold_the_truth_as_often_as_they_say(d_prime: float, threshold: float, several: bool) -> None:
    """On 20 positives; tests/benchmarks/coverage.py has the whole table."""
    held = closed_form(Population(d_prime, threshold, several), 20, 1000, np.random.default_rng(0))
    assert {name for name in USED if not 0.92 <= held[name] <= 0.98} == set(), held
