"""Could a straight cut tell a class apart? A linear classifier, scored on films that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray, checked_labels

N_FOLDS: Final = 5
RIDGE: Final = 0.1
"""Of the mean variance of the standardised dimensions; fixed, so that nothing is tuned on the films that are scored."""


def cross_validated_scores(
    embeddings: FloatArray, labels: FloatArray, patients: Sequence[str], *, rng: np.random.Generator
) -> FloatArray:
    """Compute (n, C) scores of each film by classifiers fitted without its patient; higher = more like the class.

    labels : (n, C) of {0, 1, NaN}; NaN in the result where the film was not read for the class, or where the class has
    fewer than 5 positives or 5 negatives.
    Ridge regression on dimensions standardised over the fitted films, the direction of Fisher's discriminant, without
    the intercept, which would tell a fold's share of positives. 5 folds of whole patients.
    Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, sections 3.4.1 and 4.3.
    """
    labels, rows = checked_labels(labels), np.asarray(embeddings, dtype=np.float64)
    scores = np.full(labels.shape, np.nan)
    folds = _folds(patients, rng)
    read = ~np.isnan(labels)
    enough = (np.minimum((labels == 1).sum(axis=0), (labels == 0).sum(axis=0)) >= MIN_POSITIVES).nonzero()[0]
    for pattern in np.unique(read[:, enough], axis=1).T if len(enough) else ():
        columns = enough[(read[:, enough] == pattern[:, None]).all(axis=0)]
        for fold in range(N_FOLDS):
            fitted, asked = pattern & (folds != fold), pattern & (folds == fold)
            if fitted.any() and asked.any():
                found = _ridge_scores(rows[fitted], labels[np.ix_(fitted, columns)], rows[asked])
                scores[np.ix_(asked, columns)] = found
    return scores


def _folds(patients: Sequence[str], rng: np.random.Generator) -> IntArray:
    """(n,) the fold 0..4 of each film; patients are dealt out evenly."""
    _, of_film = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
    dealt = rng.permutation(int(of_film.max()) + 1) % N_FOLDS
    return np.asarray(dealt[of_film])


def _ridge_scores(fitted: FloatArray, labels: FloatArray, asked: FloatArray) -> FloatArray:
    """(n_asked, C) from (n_fitted, d) films with labels (n_fitted, C) of {0, 1}."""
    mean, spread = fitted.mean(axis=0), fitted.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    known = (fitted - mean) / scale
    gram = known.T @ known
    gram[np.diag_indices_from(gram)] += RIDGE * len(known)
    weights = np.linalg.solve(gram, known.T @ (labels - labels.mean(axis=0)))
    scores: FloatArray = ((asked - mean) / scale) @ weights
    return scores
