"""What a selection of films is made of, set against the films that it was taken from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray, checked_labels, ratio
from core.metrics.intervals import Interval, not_estimable, wilson_of_share
from core.space.density import Bounds


@dataclass(frozen=True)
class ClassShare:
    """One class in a selection.

    n_positive, n_read : films of the selection.  share, share_of_all : positives among those read, 0..1; NaN where
    none was.  lift : share / share_of_all; 1 = as everywhere, NaN where undefined.
    interval : of the lift, the whole set's share taken as known; not estimable where fewer than 5 of the whole set are
    positive or fewer than 5 of the selection were read.
    """

    finding: str
    n_positive: int
    n_read: int
    share: float
    n_positive_of_all: int
    share_of_all: float
    lift: float
    interval: Interval


def composition(
    labels: FloatArray, classes: Sequence[str], patients: Sequence[str], selected: IntArray, against: IntArray
) -> tuple[ClassShare, ...]:
    """Every class of the selected rows against the rows that they are compared with, in class order.

    labels : (n, C) of {0, 1, NaN}.  patients : (n,) ids.
    """
    labels = checked_labels(labels)
    groups = np.unique(np.asarray(patients, dtype=str)[selected], return_inverse=True)[1]
    return tuple(
        _class_share(finding, labels[selected, index], labels[against, index], groups)
        for index, finding in enumerate(classes)
    )


def rows_in_box(points: FloatArray, box: Bounds) -> IntArray:
    """Rows of the points (n, 2) in a rectangle, ascending."""
    return np.flatnonzero(box.holds(points))


def rows_in_lasso(points: FloatArray, polygon: FloatArray) -> IntArray:
    """Rows of the points (n, 2) inside a closed polygon (m, 2), ascending; empty where it has fewer than 3 corners.

    A point is inside where a ray to the right crosses the outline an odd number of times.
    """
    corners = np.asarray(polygon, dtype=np.float64)
    if len(corners) < 3:
        return np.empty(0, dtype=np.int64)
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero(Bounds(x0, x1, y0, y1).holds(points))
    x, y = points[near, 0].astype(np.float64), points[near, 1].astype(np.float64)
    inside = np.zeros(len(near), dtype=bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ay != by:
            crosses = (ay > y) != (by > y)
            inside ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return near[inside]


def _class_share(finding: str, chosen: FloatArray, everything: FloatArray, groups: IntArray) -> ClassShare:
    read = ~np.isnan(chosen)
    n_read, n_positive = int(read.sum()), int((chosen == 1).sum())
    n_all, n_all_read = int((everything == 1).sum()), int((~np.isnan(everything)).sum())
    share, share_of_all = ratio(n_positive, n_read), ratio(n_all, n_all_read)
    lift = ratio(share, share_of_all) if share_of_all else math.nan
    interval = not_estimable(n_read)
    if n_all >= MIN_POSITIVES and n_read >= MIN_POSITIVES:
        found = wilson_of_share(share, n_read / design_effect(chosen[read], groups[read]))
        interval = Interval(found.low / share_of_all, found.high / share_of_all, n_read, found.is_estimable)
    return ClassShare(finding, n_positive, n_read, share, n_all, share_of_all, lift, interval)


def design_effect(values: FloatArray, groups: IntArray) -> float:
    """By how much the variance of a mean grows because films come in patients; at least 1.

    values : (n,) of {0, 1}.  groups : (n,) whole numbers, one a patient.
    The variance of the mean by patients over that by films; 1 where every film has the same value.
    Source: Kish, Survey Sampling, 1965.
    """
    n, mean = len(values), float(values.mean())
    spread = mean * (1 - mean) / n
    if not spread:
        return 1.0
    of_patient = np.bincount(groups, values - mean)
    return max(1.0, float(of_patient @ of_patient) / n**2 / spread)
