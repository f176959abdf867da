"""The interval of an area under the ROC curve, in closed form and by patient."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, checked_labels
from core.metrics.count_intervals import Z
from core.metrics.cumulative import counts_and_steps
from core.metrics.intervals import Interval, not_estimable
from core.metrics.patients import Patients
from core.metrics.placements import placements

_ADDED: Final = 0.5
"""Positives added above all films, and as many below: without them the interval is too short near 1."""


def auroc_interval(labels: FloatArray, scores: FloatArray, patients: Patients) -> Interval:
    """Compute the 95 % interval of one class's AUROC; arguments and result as of `interval_of_placements`.

    labels (n_films,) of {0, 1, NaN = unread}, scores (n_films,).
    """
    labels = checked_labels(labels)
    return interval_of_placements(labels, *placements(labels, *counts_and_steps(labels, scores)), patients)


def interval_of_placements(labels: FloatArray, below: FloatArray, above: FloatArray, patients: Patients) -> Interval:
    """Compute the 95 % interval of one class's AUROC; not estimable below 5 positives or negatives.

    labels (n_films,) of {0, 1, NaN = unread}; below, above : of `placements`.
    The variance is DeLong's, its parts summed over each patient's films; the interval is symmetric on the logit
    scale. Half a positive film is added above all others and half a one below, as Agresti and Coull add trials to a
    share: simulated, DeLong's own interval of an area of 0.96 on 20 positives covers 84 %, on the logit scale 87 %,
    this one 96 %.
    Source: DeLong et al., Biometrics 1988; Obuchowski, Biometrics 1997.
    """
    positive, negative = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    fewest = min(positive.size, negative.size)
    if fewest < MIN_POSITIVES:
        return not_estimable(fewest)
    n = positive.size + 2 * _ADDED
    area = (below[positive].sum() + _ADDED) / n
    parts = np.zeros(labels.size)
    parts[positive] = (below[positive] - area) / n
    parts[negative] = ((positive.size * above[negative] + _ADDED) / n - area) / negative.size
    added = _ADDED * (area**2 + (1 - area) ** 2) / n**2
    spread = math.sqrt(float(np.square(patients.sums(parts)).sum()) + added) / (area * (1 - area))
    middle = math.log(area / (1 - area))
    low, high = (1 / (1 + math.exp(-(middle + side * Z * spread))) for side in (-1, 1))
    plain = float(below[positive].mean())
    return Interval(min(low, plain), max(high, plain), fewest, is_estimable=True)
