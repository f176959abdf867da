"""Which films change when decisions change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels
from core.metrics.classification import exact_matches


@dataclass(frozen=True, eq=False)
class Flips:
    """What changes between two sets of decisions on the same films.

    rows, columns : (m,) film and class of each decision that flips, by film, then class.
    to_positive : (m,) True where it becomes positive.
    label : (m,) {0, 1, NaN = unread}.
    became_right, became_wrong : rows of fully read films whose whole label set became right, or ceased to be.
    """

    rows: IntArray
    columns: IntArray
    to_positive: BoolArray
    label: FloatArray
    became_right: IntArray
    became_wrong: IntArray

    def films(self) -> IntArray:
        """List the rows with any flip, ascending."""
        return self.rows[np.flatnonzero(np.diff(self.rows, prepend=-1))]


def flips(labels: FloatArray, before: BoolArray, after: BoolArray) -> Flips:
    """Find what changes between two sets of decisions (n_films, n_classes); labels of the same shape, {0, 1, NaN}."""
    labels = checked_labels(labels)
    rows, columns = np.nonzero(before != after)
    was, now = exact_matches(labels, before), exact_matches(labels, after)
    return Flips(
        rows=rows,
        columns=columns,
        to_positive=after[rows, columns],
        label=labels[rows, columns],
        became_right=np.flatnonzero((was == 0) & (now == 1)),
        became_wrong=np.flatnonzero((was == 1) & (now == 0)),
    )
