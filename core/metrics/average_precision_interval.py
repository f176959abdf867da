"""The interval of average precision, in closed form and by patient."""

from __future__ import annotations

import math

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, checked_labels
from core.metrics.count_intervals import Z
from core.metrics.intervals import Interval, not_estimable
from core.metrics.patients import Patients


def average_precision_interval(labels: FloatArray, value: float, patients: Patients) -> Interval:
    """Compute the 95 % interval of one class's average precision;
    not estimable below 5 positives or without a negative.

    labels (n_films,) of {0, 1, NaN = unread}; value : the average precision, 0..1.
    Symmetric on the logit scale, with the variance of a share of as many trials as patients have a positive film.
    Simulated at a prevalence of 5 % it covers 93 to 95 % where the truth is 0.17 or 0.34 (10 to 200 positives), and
    96 to 99 %, too wide, where it is 0.72.
    Source: Boyd, Eng, Page, ECML PKDD 2013 (the logit interval).
    """
    labels = checked_labels(labels)
    positive = labels == 1
    n_positive = int(np.count_nonzero(positive))
    if n_positive < MIN_POSITIVES or not np.any(labels == 0) or math.isnan(value):
        return not_estimable(n_positive)
    n = np.unique(patients.of_film[positive]).size
    share = min(max(value, 1 / (2 * n)), 1 - 1 / (2 * n))
    middle, half = math.log(share / (1 - share)), Z / math.sqrt(n * share * (1 - share))
    low, high = (1 / (1 + math.exp(-(middle + side * half))) for side in (-1, 1))
    return Interval(min(low, value), max(high, value), n_positive, is_estimable=True)
