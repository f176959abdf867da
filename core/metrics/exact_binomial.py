"""Exact statements about a share from failures among independent trials."""

from __future__ import annotations

import math

import numpy as np

from core.metrics.arrays import FloatArray


def binomial_tail(failures: FloatArray | float, trials: FloatArray | float, share: float) -> FloatArray:
    """Compute P(at most so many failures) in trials that fail with a share 0..1 each; 1 where failures reach trials.

    As a p-value it tests that failures are at least that frequent. Arrays go together; fractions of films are
    interpolated. Source: the regularised incomplete beta function, Abramowitz and Stegun 26.5.24.

    >>> float(binomial_tail(0, 29, 0.1)) < 0.05 < float(binomial_tail(0, 28, 0.1))
    True
    """
    from scipy.special import betainc

    k, n = np.asarray(failures, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    inside = np.asarray(betainc(np.maximum(n - k, 1e-300), k + 1, 1 - share))
    return np.where(k >= n, 1.0, inside)


def most_failures(trials: int, share: float, risk: float) -> int:
    """Find the most failures in some trials that still show, but for a risk, that fewer than a share fail.

    -1 where even none would not show it (see `fewest_trials`). Source: Clopper and Pearson, Biometrika 1934.

    >>> most_failures(28, 0.1, 0.05), most_failures(29, 0.1, 0.05), most_failures(100, 0.1, 0.05)
    (-1, 0, 4)
    """
    low, high = -1, trials
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if binomial_tail(middle, trials, share) <= risk else (low, middle)
    return low


def fewest_trials(share: float, risk: float) -> int:
    """Count how many trials without a failure show, but for a risk, that fewer than a share fail.

    >>> fewest_trials(0.1, 0.05)
    29
    """
    return max(1, math.ceil(math.log(risk) / math.log1p(-share) - 1e-9))


def upper_limit(failures: int, trials: int, risk: float) -> float:
    """Compute the share that failures stay below, but for a risk (one-sided, exact); NaN without trials.

    Source: Clopper and Pearson, Biometrika 1934.

    >>> round(upper_limit(0, 29, 0.05), 3), upper_limit(3, 3, 0.05)
    (0.098, 1.0)
    """
    from scipy.special import betaincinv

    if not trials:
        return math.nan
    return 1.0 if failures == trials else float(betaincinv(failures + 1, trials - failures, 1 - risk))


def lower_limit(failures: int, trials: int, risk: float) -> float:
    """Compute the share that failures stay above, but for a risk (one-sided, exact); NaN without trials.

    >>> lower_limit(0, 10, 0.05), round(lower_limit(10, 10, 0.05), 3)
    (0.0, 0.741)
    """
    from scipy.special import betaincinv

    if not trials:
        return math.nan
    return 0.0 if not failures else float(betaincinv(failures, trials - failures + 1, risk))
