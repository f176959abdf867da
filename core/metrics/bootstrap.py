"""Resampling by patient: every figure of a setting over the same resamples of its patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, checked_labels, mean_of_defined, ratios
from core.metrics.classification import exact_matches
from core.metrics.ranking import film_coverage, film_ranking_precision
from core.metrics.resampling import draw_resamples


@dataclass(frozen=True, eq=False)
class Resampled:
    """Figures over the resamples, NaN where a resample leaves one undefined. Definitions as under the sound protocol.

    f1, auroc : (n_resamples, n_classes).  The others : (n_resamples,).
    """

    f1: FloatArray
    auroc: FloatArray
    macro_f1: FloatArray
    micro_f1: FloatArray
    exact_match: FloatArray
    macro_auroc: FloatArray
    lrap: FloatArray
    coverage_error: FloatArray


def patient_weights(patients: Sequence[str], n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """How often each film stands in each resample: (n_resamples, n_films) float32 of whole numbers.

    patients : (n_films,) ids; a resample draws as many patients as there are, with replacement, with all their films.
    Settings compared over the same weights are compared in pairs.
    """
    return draw_resamples(patients, n_resamples, rng).film_weights()


def resample(labels: FloatArray, scores: FloatArray, decisions: BoolArray, weights: FloatArray) -> Resampled:
    """All figures of one setting under the weights of `patient_weights`."""
    labels = checked_labels(labels)
    true_positives, positives, predicted = _weighted_counts(labels, decisions, weights)
    f1 = ratios(2 * true_positives, positives + predicted)
    auroc = resample_auroc(labels, scores, weights)
    return Resampled(
        f1=f1,
        auroc=auroc,
        macro_f1=mean_of_defined(np.where(positives > 0, f1, np.nan), axis=1),
        micro_f1=ratios(2 * true_positives.sum(axis=1), (positives + predicted).sum(axis=1)),
        exact_match=_weighted_mean(exact_matches(labels, decisions), weights),
        macro_auroc=mean_of_defined(auroc, axis=1),
        lrap=_weighted_mean(film_ranking_precision(labels, scores), weights),
        coverage_error=_weighted_mean(film_coverage(labels, scores), weights),
    )


def resample_auroc(labels: FloatArray, scores: FloatArray, weights: FloatArray) -> FloatArray:
    """(n_resamples, n_classes) AUROC; scores are sorted once, not once a resample."""
    labels = checked_labels(labels)
    columns = [_class_auroc(labels[:, index], scores[:, index], weights) for index in range(labels.shape[1])]
    return np.stack(columns, axis=1)


def _class_auroc(labels: FloatArray, scores: FloatArray, weights: FloatArray) -> FloatArray:
    """Weight of (positive above negative) pairs, ties one half, over the weight of all pairs."""
    positive, negative = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    negative = negative[np.argsort(scores[negative], kind="stable")]
    below = np.zeros((len(weights), negative.size + 1), dtype=weights.dtype)
    np.cumsum(weights[:, negative], axis=1, out=below[:, 1:])
    first = np.searchsorted(scores[negative], scores[positive], side="left")
    after = np.searchsorted(scores[negative], scores[positive], side="right")
    of_positive = weights[:, positive]
    wins = np.einsum("rp,rp->r", of_positive, below[:, first] + below[:, after], dtype=np.float64)
    return ratios(wins, 2.0 * of_positive.sum(axis=1, dtype=np.float64) * below[:, -1])


def _weighted_counts(
    labels: FloatArray, decisions: BoolArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(n_resamples, n_classes) weights of true positives, positives and predictions; whole numbers below 2**24."""
    positive, decided = labels == 1, decisions & ~np.isnan(labels)
    cells = np.concatenate([positive & decided, positive, decided], axis=1).astype(weights.dtype)
    true_positives, positives, predicted = np.split(weights @ cells, 3, axis=1)
    return true_positives, positives, predicted


def _weighted_mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    """(n_resamples,) mean of the defined values (n_films,) under each row of weights."""
    defined = ~np.isnan(values)
    chosen = weights[:, defined].astype(np.float64)
    return ratios(chosen @ values[defined], chosen.sum(axis=1))
