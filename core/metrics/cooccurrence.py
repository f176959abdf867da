"""Which labels come together, in truth and in the decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels


@dataclass(frozen=True, eq=False)
class Cooccurrence:
    """Counts of films for each pair of classes, (n_classes, n_classes); films unread for either class count nowhere.

    true : read as both.
    predicted : decided as both.
    true_by_predicted : read as the row's, decided as the column's.
    of_true, of_predicted : read, or decided, as the row's class, whatever the column's: what the counts are shares of.
    """

    classes: tuple[str, ...]
    true: IntArray
    predicted: IntArray
    true_by_predicted: IntArray
    of_true: IntArray
    of_predicted: IntArray


def cooccurrence(classes: tuple[str, ...], labels: FloatArray, decisions: BoolArray) -> Cooccurrence:
    """Count the films of every pair of classes.

    labels : (n_films, n_classes) of {0, 1, NaN = unread}.
    decisions : (n_films, n_classes).
    """
    labels = checked_labels(labels)
    positive, read = (labels == 1).astype(np.float64), (~np.isnan(labels)).astype(np.float64)
    decided = decisions * read
    return Cooccurrence(
        classes,
        true=_counts(positive, positive),
        predicted=_counts(decided, decided),
        true_by_predicted=_counts(positive, decided),
        of_true=_counts(positive, read),
        of_predicted=_counts(decided, read),
    )


def films_of_pair(labels: FloatArray, decisions: BoolArray, counted: str, row: int, column: int) -> BoolArray:
    """Tell which films a count of a pair of classes is of: (n_films,), for the arrays of `cooccurrence`.

    counted : "true", "predicted" or "true_by_predicted", the name of the counts.  row, column : places of the classes.
    """
    labels = checked_labels(labels)
    decided = decisions & ~np.isnan(labels)
    left = decided if counted == "predicted" else labels == 1
    right = labels == 1 if counted == "true" else decided
    return np.asarray(left[:, row] & right[:, column])


def _counts(left: FloatArray, right: FloatArray) -> IntArray:
    return np.rint(left.T @ right).astype(np.int64)
