"""How well scores rank: films within a class (ROC, precision-recall), and classes within a film (LRAP, coverage)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import FloatArray, checked_labels, ratios
from core.metrics.cumulative import CumulativeCounts, cumulative_counts


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
        """Whether there are positives and negatives."""
        return self.n_positive > 0 and self.n_negative > 0


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
        """Whether there is a positive."""
        return self.n_positive > 0


def compute_roc(finding: str, *, labels: FloatArray, scores: FloatArray) -> RocCurve:
    """The ROC curve of one class; labels (n_films,) of {0, 1, NaN = unread}, scores (n_films,) of any kind."""
    counts = cumulative_counts(labels, scores)
    auc = auroc_of(counts)
    if math.isnan(auc):
        empty = np.zeros(0)
        return RocCurve(finding, empty, empty, empty, auc, counts.n_positive, counts.n_negative)
    fpr = counts.negatives[::-1] / counts.n_negative
    tpr = counts.positives[::-1] / counts.n_positive
    thresholds = np.r_[np.inf, counts.scores[::-1]]
    return RocCurve(finding, fpr, tpr, thresholds, auc, counts.n_positive, counts.n_negative)


def compute_precision_recall(finding: str, *, labels: FloatArray, scores: FloatArray) -> PrecisionRecallCurve:
    """The precision-recall curve of one class; labels (n_films,) of {0, 1, NaN = unread}, scores (n_films,)."""
    counts = cumulative_counts(labels, scores)
    area = average_precision_of(counts)
    if math.isnan(area):
        empty = np.zeros(0)
        return PrecisionRecallCurve(finding, empty, empty, empty, area, counts.n_positive, counts.n_negative)
    positives, negatives = counts.positives[-2::-1], counts.negatives[-2::-1]
    precision, recall = positives / (positives + negatives), positives / counts.n_positive
    return PrecisionRecallCurve(
        finding, precision, recall, counts.scores[::-1], area, counts.n_positive, counts.n_negative
    )


def roc_auc(labels: FloatArray, scores: FloatArray) -> float:
    """Chance that a positive film scores above a negative one, ties one half; 0..1, NaN with one class only."""
    return auroc_of(cumulative_counts(labels, scores))


def average_precision(labels: FloatArray, scores: FloatArray) -> float:
    """Mean precision at the positives, tied films taken together; 0..1, NaN without positives."""
    return average_precision_of(cumulative_counts(labels, scores))


def auroc_of(counts: CumulativeCounts) -> float:
    """The area under the ROC curve from the counts; exact in integers up to the last division."""
    if not counts.n_positive or not counts.n_negative:
        return math.nan
    positives_here = counts.positives[:-1] - counts.positives[1:]
    negatives_below = 2 * counts.n_negative - counts.negatives[:-1] - counts.negatives[1:]
    return int(positives_here @ negatives_below) / (2 * counts.n_positive * counts.n_negative)


def average_precision_of(counts: CumulativeCounts) -> float:
    """Average precision from the counts: the sum of precision times the step in recall."""
    if not counts.n_positive:
        return math.nan
    positives, negatives = counts.positives[:-1], counts.negatives[:-1]
    steps = (positives - counts.positives[1:]) / counts.n_positive
    return float(steps @ (positives / (positives + negatives)))


def film_ranking_precision(labels: FloatArray, scores: FloatArray) -> FloatArray:
    """Label ranking average precision of each film, 0..1; NaN for a film without a positive label.

    labels : (n_films, n_classes) of {0, 1, NaN}; unread labels are left out of the film's ranking.
    scores : (n_films, n_classes), comparable across the classes of a film. Ties share the worst rank.
    Source: Schapire and Singer, Machine Learning 2000; scikit-learn's label_ranking_average_precision_score.
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
    """How far down its ranking each film's last positive label stands, 1..n_classes; NaN without a positive label.

    Shapes and unread labels as in `film_ranking_precision`.
    Source: Tsoumakas, Katakis, Vlahavas 2010; scikit-learn's coverage_error is the mean.
    """
    labels = checked_labels(labels)
    positive, read = labels == 1, ~np.isnan(labels)
    lowest = np.where(positive, scores, np.inf).min(axis=1, keepdims=True)
    coverage = np.count_nonzero((scores >= lowest) & read, axis=1).astype(np.float64)
    return np.where(positive.any(axis=1), coverage, np.nan)
