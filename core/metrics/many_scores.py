"""Areas of one class under many scores of the same films at once."""

from __future__ import annotations

import math

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, checked_labels


def many_aurocs(labels: FloatArray, scores: FloatArray) -> FloatArray:
    """Compute (m,) AUROC, ties one half; NaN where a kind of film is missing.

    labels : (n_films,) of {0, 1, NaN = unread, left out}.
    scores : (n_films, m), one column a way of scoring, finite where read.

    >>> many_aurocs(np.array([0, 0, 1, 1]), np.array([[0.1, 0], [0.4, 0], [0.35, 0], [0.8, 0]])).tolist()
    [0.75, 0.5]
    """
    positive, order, starts, ends = _ranked(labels, scores)
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    if not n_positive or not n_negative:
        return np.full(scores.shape[1], math.nan)
    ranks = np.where(positive[order], (starts + ends) / 2 + 1, 0.0).sum(axis=0)
    return np.asarray((ranks - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def many_average_precisions(labels: FloatArray, scores: FloatArray) -> FloatArray:
    """Compute (m,) average precision, tied films taken together; NaN without positives. Arrays as in `many_aurocs`.

    >>> many_average_precisions(np.array([1, 0, 0, 1]), np.array([[0.9], [0.8], [0.5], [0.3]])).tolist()
    [0.75]
    """
    positive, order, _, ends = _ranked(labels, -np.asarray(scores, dtype=np.float64))
    n_positive = int(positive.sum())
    if not n_positive:
        return np.full(scores.shape[1], math.nan)
    found = np.cumsum(positive[order], axis=0)
    precision = np.take_along_axis(found, ends, axis=0) / (ends + 1)
    return np.asarray(np.where(positive[order], precision, 0.0).sum(axis=0) / n_positive)


def _ranked(labels: FloatArray, scores: FloatArray) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """Of the films that were read: (n,) whether positive; then by column (n, m) their order by ascending score, and
    the first and the last place of the ties that each place is in.
    """
    labels = checked_labels(labels)
    read = ~np.isnan(labels)
    values = np.asarray(scores, dtype=np.float64)[read]
    if not np.isfinite(values).all():
        raise ValueError("A film that was read has a score that is not finite.")
    order = np.argsort(values, axis=0, kind="stable")
    ascending = np.take_along_axis(values, order, axis=0)
    place = np.arange(len(values))[:, None]
    is_new = np.ones(ascending.shape, dtype=bool)
    is_new[1:] = ascending[1:] != ascending[:-1]
    starts = np.maximum.accumulate(np.where(is_new, place, 0), axis=0)
    is_last = np.ones(ascending.shape, dtype=bool)
    is_last[:-1] = is_new[1:]
    ends = np.minimum.accumulate(np.where(is_last, place, len(values))[::-1], axis=0)[::-1]
    return labels[read] == 1, order, starts, ends
