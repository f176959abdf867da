"""Which labels come together, in truth and in the decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels


@dataclass(frozen=True, eq=False)
class Cooccurrence:
    """Counts of films for each pair of classes; the diagonal is the count of the class itself.

    true, predicted : (n_classes, n_classes) symmetric, over the films read for both classes.
    true_by_predicted : (n_classes, n_classes) films labelled with the row's class and decided as the column's, over
        the films read for both.
    n_read : (n_classes, n_classes) films read for both classes.
    """

    classes: tuple[str, ...]
    true: IntArray
    predicted: IntArray
    true_by_predicted: IntArray
    n_read: IntArray


def cooccurrence(classes: tuple[str, ...], labels: FloatArray, decisions: BoolArray) -> Cooccurrence:
    """Pair counts; labels (n_films, n_classes) of {0, 1, NaN = unread}, decisions (n_films, n_classes)."""
    labels = checked_labels(labels)
    positive, read = (labels == 1).astype(np.float64), (~np.isnan(labels)).astype(np.float64)
    decided = decisions * read
    return Cooccurrence(
        classes,
        true=_counts(positive, positive),
        predicted=_counts(decided, decided),
        true_by_predicted=_counts(positive, decided),
        n_read=_counts(read, read),
    )


def over_prediction(labels: FloatArray, decisions: BoolArray) -> FloatArray:
    """(n_classes,) predicted / true positives over the films read for a class; NaN without positives, 1 is balance."""
    labels = checked_labels(labels)
    predicted = np.count_nonzero(decisions & ~np.isnan(labels), axis=0)
    positives = np.count_nonzero(labels == 1, axis=0)
    return np.divide(predicted, positives, out=np.full(labels.shape[1], np.nan), where=positives > 0)


def _counts(left: FloatArray, right: FloatArray) -> IntArray:
    return np.rint(left.T @ right).astype(np.int64)
