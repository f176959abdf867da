"""Wilson's interval against published values, and the percentiles' refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from core.metrics.intervals import percentile_interval, wilson


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
