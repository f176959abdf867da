"""One class's counts at every cut through its scores: what all curves, areas and threshold policies look up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels


@dataclass(frozen=True, eq=False)
class CumulativeCounts:
    """Counts of films at or above each cut. There are k distinct scores and k + 1 cuts.

    scores : (k,) the distinct scores of the films that were read, ascending, float64.
    positives, negatives : (k + 1,) labelled so and with a score of at least scores[cut]; cut 0 takes every film that
        was read, cut k none.
    """

    scores: FloatArray
    positives: IntArray
    negatives: IntArray

    @property
    def n_positive(self) -> int:
        """Count the films labelled positive."""
        return int(self.positives[0])

    @property
    def n_negative(self) -> int:
        """Count the films labelled negative."""
        return int(self.negatives[0])


def cumulative_counts(labels: FloatArray, scores: FloatArray) -> CumulativeCounts:
    """Compute the counts of one class.

    labels : (n_films,) of {0, 1, NaN}; NaN = unread, left out.
    scores : (n_films,) of any kind, finite where read.
    """
    return _ranked(labels, scores)[0]


def counts_and_steps(labels: FloatArray, scores: FloatArray) -> tuple[CumulativeCounts, IntArray]:
    """Compute the counts of one class, and (n_films,) the place of each film's score among the k distinct ones.

    Arguments are those of `cumulative_counts`. An unread film stands at k, on the cut that takes no film.
    """
    counts, read, order, cuts = _ranked(labels, scores)
    steps = np.full(read.size, counts.scores.size)
    steps[np.flatnonzero(read)[order]] = np.repeat(np.arange(counts.scores.size), np.diff(cuts))
    return counts, steps


def _ranked(labels: FloatArray, scores: FloatArray) -> tuple[CumulativeCounts, BoolArray, IntArray, IntArray]:
    """The counts; which films were read; the order of these by score; and where in it each distinct score begins."""
    labels = checked_labels(labels)
    read = ~np.isnan(labels)
    scores = np.asarray(scores, dtype=np.float64)[read]
    if not np.isfinite(scores).all():
        raise ValueError("A film that was read has a score that is not finite.")
    order = np.argsort(scores)
    ascending = scores[order]
    starts = np.flatnonzero(np.r_[True, ascending[1:] != ascending[:-1]]) if ascending.size else np.zeros(0, np.intp)
    below = np.r_[0, np.cumsum(labels[read][order] == 1)]
    cuts = np.r_[starts, ascending.size]
    positives = below[-1] - below[cuts]
    counts = CumulativeCounts(ascending[starts], positives, ascending.size - cuts - positives)
    return counts, read, order, cuts
