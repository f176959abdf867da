"""One figure less another: in pairs over resamples, or between films that have no patient in common."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from core.metrics.arrays import FloatArray
from core.metrics.intervals import Interval, not_estimable, percentile_interval


@dataclass(frozen=True)
class Difference:
    """First less second; NaN where either is undefined. interval : 95 %."""

    value: float
    interval: Interval

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.interval.is_estimable and not self.interval.low <= 0 <= self.interval.high

    def negative(self) -> Difference:
        """Second less first."""
        return Difference(-self.value, replace(self.interval, low=-self.interval.high, high=-self.interval.low))


def paired_difference(value: float, resampled: FloatArray, n: int) -> Difference:
    """A difference between settings on the same films.

    resampled : (n_resamples,) the difference over resamples of the patients.  n : positives, or films, it is based on.
    """
    return Difference(float(value), not_estimable(n) if math.isnan(value) else percentile_interval(resampled, n))


def independent_difference(
    first: float, first_interval: Interval, second: float, second_interval: Interval
) -> Difference:
    """A difference between two groups of films, from each side's own interval; n is the smaller of the two.

    Where a patient has films in both groups the interval is too wide rather than too narrow, as long as a patient's
    films are alike. Source: Newcombe, Statistics in Medicine 1998 (method 10); Zou and Donner, 2008 (MOVER).
    """
    value = first - second
    n = min(first_interval.n, second_interval.n)
    if math.isnan(value) or not (first_interval.is_estimable and second_interval.is_estimable):
        return Difference(value, not_estimable(n))
    low = value - math.hypot(first - first_interval.low, second_interval.high - second)
    high = value + math.hypot(first_interval.high - first, second - second_interval.low)
    return Difference(value, Interval(low, high, n, is_estimable=True))
