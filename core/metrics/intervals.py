"""Intervals: Wilson's for a share of films, percentiles for bootstrap resamples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray


@dataclass(frozen=True)
class Interval:
    """A two-sided interval, or the statement that there is none.

    low, high : the ends; NaN where the interval is not estimable.
    n : what it is based on: the denominator of a share, the positives of a class, the films of an overall figure.
    is_estimable : False where n is below MIN_POSITIVES, the figure itself is undefined, or resampling cannot tell
        because every resample gives the same figure (an F1 of 0 without a hit, say, is not certain for that).
    """

    low: float
    high: float
    n: int
    is_estimable: bool


def not_estimable(n: int) -> Interval:
    """The interval of a figure that n films or positives cannot carry."""
    return Interval(math.nan, math.nan, n, is_estimable=False)


def wilson(k: int, n: int, *, level: float = 0.95) -> Interval:
    """Wilson's score interval of the share k / n, films taken as independent; not estimable below 5.

    k : successes, 0 <= k <= n.  n : trials (positives for recall, negatives for specificity).
    Source: Wilson, JASA 1927; Brown, Cai, DasGupta, Statistical Science 2001.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is not a share.")
    if n < MIN_POSITIVES:
        return not_estimable(n)
    return wilson_of_share(k / n, n, level=level)


def wilson_of_share(share: float, n: float, *, level: float = 0.95) -> Interval:
    """Wilson's interval of a share 0..1 of n films, n > 0, which need not be whole: an effective number.

    Always estimable; a share of 0 keeps 0 as its lower end, a share of 1 keeps 1 as its upper.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if share == 0 else centre - half
    high = 1.0 if share == 1 else centre + half
    return Interval(low, high, round(n), is_estimable=True)


def percentile_interval(resampled: FloatArray, n: int, *, level: float = 0.95) -> Interval:
    """Percentile interval of one figure over its bootstrap resamples.

    resampled : (n_resamples,), NaN in the resamples where the figure is undefined; those are left out.
    n : positives of the class, or films of an overall figure; below 5 the interval is not estimable, nor is it where
        all resamples agree, but for rounding.
    """
    defined = resampled[np.isfinite(resampled)]
    if n < MIN_POSITIVES or not defined.size or math.isclose(defined.min(), defined.max(), rel_tol=1e-9, abs_tol=1e-12):
        return not_estimable(n)
    low, high = np.quantile(defined, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(float(low), float(high), n, is_estimable=True)
