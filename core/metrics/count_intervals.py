"""Intervals that follow from counts in closed form, so that they can move with a threshold.

Recall, specificity and precision are shares of films. F1 is one in disguise: with J = tp / (tp + fp + fn), the share
of the films called or read positive that are both, F1 = 2 J / (1 + J), which rises with J. Wilson's interval of J,
carried over, is therefore one of F1. Films of one patient are not independent: the number of films is divided by the
design effect, the ratio of the variance between patients to that of independent films.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, BoolArray
from core.metrics.intervals import Interval, not_estimable
from core.metrics.patients import Patients

Z: Final = 1.959963984540054
"""The 97.5th percentile of the standard normal distribution."""


@dataclass(frozen=True)
class ShareSums:
    """A share hits / trials, and what its design effect needs: sums over patients of products of their two counts."""

    hits: float
    trials: float
    hits_squared: float
    hits_trials: float
    trials_squared: float

    @property
    def share(self) -> float:
        """Divide the hits by the trials, 0..1; NaN without trials."""
        return self.hits / self.trials if self.trials else math.nan

    @property
    def design_effect(self) -> float:
        """Give the variance between patients over that of independent films, at least 1;
        1 where every patient has one film.

        Where all trials hit, or none, the variance says nothing, and a patient's films count as one.
        Source: the linearised variance of a ratio; Rao and Scott, Biometrics 1992.
        """
        if not self.trials:
            return 1.0
        share = self.share
        if share in (0.0, 1.0):
            return self.trials_squared / self.trials
        between = self.hits_squared - 2 * share * self.hits_trials + share * share * self.trials_squared
        return max(1.0, between / (self.trials * share * (1 - share)))


def share_sums(hits: BoolArray, trials: BoolArray, patients: Patients) -> ShareSums:
    """Sum two marks of films (n_films,), hits among trials."""
    if patients.are_films:
        k, n = float(np.count_nonzero(hits)), float(np.count_nonzero(trials))
        return ShareSums(k, n, k, k, n)
    own, every = patients.sums(hits), patients.sums(trials)
    products = (float((one * other).sum()) for one, other in ((own, own), (own, every), (every, every)))
    return ShareSums(float(own.sum()), float(every.sum()), *products)


def share_interval(sums: ShareSums, n: int, z: float = Z) -> Interval:
    """Compute Wilson's 95 % interval of a share, its trials divided by the design effect; not estimable where n is
    below 5.

    n : what the interval is said to be based on.
    """
    if n < MIN_POSITIVES or not sums.trials:
        return not_estimable(n)
    share, trials = sums.share, sums.trials / sums.design_effect
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return Interval(low, high, n, is_estimable=True)


def f1_interval(sums: ShareSums, n_positive: int) -> Interval:
    """Compute the 95 % interval of F1 from the sums of J = tp / (tp + fp + fn); not estimable below 5 positives."""
    interval = share_interval(sums, n_positive)
    if not interval.is_estimable:
        return interval
    low, high = (2 * end / (1 + end) for end in (interval.low, interval.high))
    return Interval(low, high, n_positive, is_estimable=True)
