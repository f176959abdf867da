"""How well scores rank: films within a class (ROC, precision-recall), and classes within a film (LRAP, coverage)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, checked_labels, judged, ratios
from core.metrics.cumulative import CumulativeCounts, cumulative_counts

_CELLS: Final = 2_000


@dataclass(frozen=True, eq=False)
class RocCurve:
    """The ROC curve of one class.

    fpr, tpr : (k + 1,) shares of negatives and positives at or above `thresholds`, from (0, 0) to (1, 1).
    thresholds : (k + 1,) descending, the first one infinite (no film).
    auc : 0..1; NaN where a class of films is missing, and then the curve is empty.
    """

    finding: str
    fpr: FloatArray
    tpr: FloatArray
    thresholds: FloatArray
    auc: float
    n_positive: int
    n_negative: int

    @property
    def is_defined(self) -> bool:
        """Tell whether there are positives and negatives, and scores of them."""
        return not math.isnan(self.auc)

    def as_drawn(self) -> RocCurve:
        """Give the curve at the places that a screen can tell apart; its area is that of all."""
        kept = corners(self.fpr, self.tpr)
        return replace(self, fpr=self.fpr[kept], tpr=self.tpr[kept], thresholds=self.thresholds[kept])


@dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """The precision-recall curve of one class, one point for each distinct score.

    precision, recall : (k,) over the films at or above `thresholds`, recall ascending.
    thresholds : (k,) descending.
    average_precision : 0..1, steps not interpolated; NaN without positives, and then the curve is empty.
    """

    finding: str
    precision: FloatArray
    recall: FloatArray
    thresholds: FloatArray
    average_precision: float
    n_positive: int
    n_negative: int

    @property
    def is_defined(self) -> bool:
        """Tell whether there is a positive, and a score of it."""
        return not math.isnan(self.average_precision)

    def as_drawn(self) -> PrecisionRecallCurve:
        """Give the curve at the places that a screen can tell apart; its average precision is that of all."""
        kept = corners(self.recall, self.precision)
        return replace(self, precision=self.precision[kept], recall=self.recall[kept], thresholds=self.thresholds[kept])


def corners(x: FloatArray, y: FloatArray) -> IntArray:
    """List the places of a curve in the unit square that are not within the same 2,000th of its sides as the one
    before, with both ends; all of up to 4,000. A curve of 377,110 films has as many corners, and a screen fewer pixels.

    >>> corners(np.linspace(0, 1, 9001), np.zeros(9001)).size
    2002
    """
    if x.size <= 2 * _CELLS:
        return np.arange(x.size)
    cells = np.stack([np.round(x * _CELLS), np.round(y * _CELLS)])
    is_new = np.ones(x.size, dtype=bool)
    is_new[1:-1] = (cells[:, 1:-1] != cells[:, :-2]).any(axis=0)
    return np.flatnonzero(is_new)


def compute_roc(finding: str, *, labels: FloatArray, scores: FloatArray) -> RocCurve:
    """Compute the ROC curve of one class; labels (n_films,) of {0, 1, NaN = unread}, scores (n_films,) of any kind.

    >>> curve = compute_roc("Edema", labels=np.array([1, 0, 1, 0]), scores=np.array([0.9, 0.8, 0.7, 0.1]))
    >>> curve.fpr.tolist(), curve.tpr.tolist(), curve.auc
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0], 0.75)
    """
    counts = cumulative_counts(judged(labels, scores), scores)
    auc = auroc_of(counts)
    if math.isnan(auc):
        empty = np.zeros(0)
        return RocCurve(finding, empty, empty, empty, auc, *_labelled(labels))
    fpr = counts.negatives[::-1] / counts.n_negative
    tpr = counts.positives[::-1] / counts.n_positive
    thresholds = np.r_[np.inf, counts.scores[::-1]]
    return RocCurve(finding, fpr, tpr, thresholds, auc, counts.n_positive, counts.n_negative)


def compute_precision_recall(finding: str, *, labels: FloatArray, scores: FloatArray) -> PrecisionRecallCurve:
    """Compute the precision-recall curve of one class; labels (n_films,) of {0, 1, NaN = unread}, scores (n_films,).

    >>> curve = compute_precision_recall("Edema", labels=np.array([1, 0, 1, 0]), scores=np.array([0.9, 0.8, 0.3, 0.5]))
    >>> curve.recall.tolist(), curve.precision.tolist(), curve.average_precision
    ([0.5, 0.5, 0.5, 1.0], [1.0, 0.5, 0.3333333333333333, 0.5], 0.75)
    """
    counts = cumulative_counts(judged(labels, scores), scores)
    area = average_precision_of(counts)
    if math.isnan(area):
        empty = np.zeros(0)
        return PrecisionRecallCurve(finding, empty, empty, empty, area, *_labelled(labels))
    positives, negatives = counts.positives[-2::-1], counts.negatives[-2::-1]
    precision, recall = positives / (positives + negatives), positives / counts.n_positive
    return PrecisionRecallCurve(
        finding, precision, recall, counts.scores[::-1], area, counts.n_positive, counts.n_negative
    )


def _labelled(labels: FloatArray) -> tuple[int, int]:
    """Films labelled positive and negative, with a score or without."""
    return int(np.count_nonzero(labels == 1)), int(np.count_nonzero(labels == 0))


def roc_auc(labels: FloatArray, scores: FloatArray) -> float:
    """Compute the chance that a positive film scores above a negative one,
    ties one half; 0..1, NaN with one class only.

    >>> labels, scores = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])
    >>> roc_auc(labels, scores), roc_auc(np.ones(4), scores)
    (0.75, nan)
    """
    return auroc_of(cumulative_counts(labels, scores))


def average_precision(labels: FloatArray, scores: FloatArray) -> float:
    """Compute the mean precision at the positives, tied films taken together; 0..1, NaN without positives.

    >>> average_precision(np.array([1, 0, 0, 1]), np.array([0.9, 0.8, 0.5, 0.3]))
    0.75
    """
    return average_precision_of(cumulative_counts(labels, scores))


def auroc_of(counts: CumulativeCounts) -> float:
    """Compute the area under the ROC curve from the counts; exact in integers up to the last division."""
    if not counts.n_positive or not counts.n_negative:
        return math.nan
    positives_here = counts.positives[:-1] - counts.positives[1:]
    negatives_below = 2 * counts.n_negative - counts.negatives[:-1] - counts.negatives[1:]
    return int(positives_here @ negatives_below) / (2 * counts.n_positive * counts.n_negative)


def average_precision_of(counts: CumulativeCounts) -> float:
    """Compute the average precision from the counts: the sum of precision times the step in recall."""
    if not counts.n_positive:
        return math.nan
    positives, negatives = counts.positives[:-1], counts.negatives[:-1]
    steps = (positives - counts.positives[1:]) / counts.n_positive
    return float(steps @ (positives / (positives + negatives)))


def film_ranking_precision(labels: FloatArray, scores: FloatArray) -> FloatArray:
    """Compute the label ranking average precision of each film, 0..1; NaN for a film without a positive label.

    labels : (n_films, n_classes) of {0, 1, NaN}; unread labels are left out of the film's ranking.
    scores : (n_films, n_classes), comparable across the classes of a film. Ties share the worst rank.
    Source: Schapire and Singer, Machine Learning 2000; scikit-learn's label_ranking_average_precision_score.

    >>> film_ranking_precision(np.array([[1, 0, 0], [0, 0, 0]]), np.array([[0.2, 0.5, 0.1], [0.2, 0.5, 0.1]])).tolist()
    [0.5, nan]
    """
    labels = checked_labels(labels)
    positive, read = labels == 1, ~np.isnan(labels)
    total = np.zeros(len(labels))
    for index in range(labels.shape[1]):
        rows = np.flatnonzero(positive[:, index])
        at_least = scores[rows] >= scores[rows, index, None]
        hits = np.count_nonzero(at_least & positive[rows], axis=1)
        total[rows] += hits / np.count_nonzero(at_least & read[rows], axis=1)
    n_positive = positive.sum(axis=1)
    return ratios(total, n_positive)


def film_coverage(labels: FloatArray, scores: FloatArray) -> FloatArray:
    """Say how far down its ranking each film's last positive label stands, 1..n_classes; NaN without a positive label.

    Shapes and unread labels as in `film_ranking_precision`.
    Source: Tsoumakas, Katakis, Vlahavas 2010; scikit-learn's coverage_error is the mean.

    >>> film_coverage(np.array([[1, 0, 0], [0, 0, 0]]), np.array([[0.2, 0.5, 0.1], [0.2, 0.5, 0.1]])).tolist()
    [2.0, nan]
    """
    labels = checked_labels(labels)
    positive, read = labels == 1, ~np.isnan(labels)
    lowest = np.where(positive, scores, np.inf).min(axis=1, keepdims=True)
    coverage = np.count_nonzero((scores >= lowest) & read, axis=1).astype(np.float64)
    return np.where(positive.any(axis=1), coverage, np.nan)
