"""Differences: a published case, what is undefined, and how often the interval holds the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.metrics.difference import independent_difference, paired_difference
from core.metrics.intervals import not_estimable, wilson


def test_newcombes_own_case() -> None:
    """56 of 70 less 48 of 80, by his method 10: 0.0524 to 0.3339 (Statistics in Medicine 1998, table II)."""
    found = independent_difference(56 / 70, wilson(56, 70), 48 / 80, wilson(48, 80))
    assert found.value == pytest.approx(0.2)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.interval.n == 70
    assert found.is_clear


def test_it_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for first, second in zip(rng.binomial(25, 0.8, 2000), rng.binomial(60, 0.65, 2000), strict=True):
        found = independent_difference(first / 25, wilson(first, 25), second / 60, wilson(second, 60))
        held += found.interval.low <= 0.15 <= found.interval.high
    assert 0.93 < held / 2000 < 0.98


def test_what_is_undefined_stays_so() -> None:
    few = not_estimable(3)
    assert not independent_difference(0.5, few, 0.6, wilson(6, 10)).interval.is_estimable
    assert not independent_difference(0.5, wilson(5, 10), math.nan, wilson(6, 10)).interval.is_estimable
    assert not paired_difference(math.nan, np.linspace(-1, 1, 50), 20).interval.is_estimable
    assert not independent_difference(0.5, few, 0.6, few).is_clear


def test_equal_sides_differ_by_nothing() -> None:
    found = independent_difference(0.5, wilson(10, 20), 0.5, wilson(10, 20))
    assert found.value == 0
    assert found.interval.low == pytest.approx(-found.interval.high)
    assert not found.is_clear
