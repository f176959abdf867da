"""What a selection of films is made of, set against the films that it was taken from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray, checked_labels, ratio
from core.metrics.count_intervals import share_interval, share_sums
from core.metrics.intervals import Interval, not_estimable
from core.metrics.patients import Ids, Patients, number_patients


@dataclass(frozen=True)
class ClassShare:
    """One class in a selection.

    n_positive, n_read : films of the selection.
    share, share_of_all : positives among those read, 0..1; NaN where none was.
    lift : share / share_of_all; 1 = as everywhere, NaN where undefined.
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
    labels: FloatArray, classes: Sequence[str], patients: Ids, selected: IntArray, against: IntArray
) -> tuple[ClassShare, ...]:
    """Compare every class of the selected rows against the rows that they are compared with, in class order.

    labels : (n, C) of {0, 1, NaN}.
    patients : (n,).
    """
    labels = checked_labels(labels)
    of_selected = number_patients(np.asarray(patients)[selected], len(selected))
    return tuple(
        _class_share(finding, labels[selected, index], labels[against, index], of_selected)
        for index, finding in enumerate(classes)
    )


def _class_share(finding: str, chosen: FloatArray, everything: FloatArray, patients: Patients) -> ClassShare:
    read = ~np.isnan(chosen)
    n_read, n_positive = int(read.sum()), int((chosen == 1).sum())
    n_all, n_all_read = int((everything == 1).sum()), int((~np.isnan(everything)).sum())
    share, share_of_all = ratio(n_positive, n_read), ratio(n_all, n_all_read)
    lift = ratio(share, share_of_all) if share_of_all else math.nan
    found = share_interval(share_sums(chosen == 1, read, patients), n_read)
    interval = not_estimable(n_read)
    if n_all >= MIN_POSITIVES and found.is_estimable:
        interval = Interval(found.low / share_of_all, found.high / share_of_all, n_read, is_estimable=True)
    return ClassShare(finding, n_positive, n_read, share, n_all, share_of_all, lift, interval)
