"""Resampling by patient: weights of films, and areas under the ROC curve over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.metrics.arrays import FloatArray, checked_labels, ratios
from core.metrics.resampling import draw_resamples


def patient_weights(patients: Sequence[str], n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """How often each film stands in each resample: (n_resamples, n_films) float32 of whole numbers.

    patients : (n_films,) ids; a resample draws as many patients as there are, with replacement, with all their films.
    Settings compared over the same weights are compared in pairs.
    """
    return draw_resamples(patients, n_resamples, rng).film_weights()


def resample_auroc(labels: FloatArray, scores: FloatArray, weights: FloatArray) -> FloatArray:
    """(n_resamples, n_classes) AUROC; scores are sorted once, not once a resample."""
    labels = checked_labels(labels)
    columns = [resampled_aurocs(labels[:, index], scores[:, index], weights) for index in range(labels.shape[1])]
    return np.stack(columns, axis=1)


def resampled_aurocs(labels: FloatArray, scores: FloatArray, weights: FloatArray) -> FloatArray:
    """(n_resamples,) AUROC of one class: the weight of (positive above negative) pairs, ties one half, over all."""
    positive, negative = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    negative = negative[np.argsort(scores[negative], kind="stable")]
    below = np.zeros((len(weights), negative.size + 1), dtype=weights.dtype)
    np.cumsum(weights[:, negative], axis=1, out=below[:, 1:])
    first = np.searchsorted(scores[negative], scores[positive], side="left")
    after = np.searchsorted(scores[negative], scores[positive], side="right")
    of_positive = weights[:, positive]
    wins = np.einsum("rp,rp->r", of_positive, below[:, first] + below[:, after], dtype=np.float64)
    return ratios(wins, 2.0 * of_positive.sum(axis=1, dtype=np.float64) * below[:, -1])
