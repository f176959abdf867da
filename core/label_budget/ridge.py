"""Ridge regression towards the prompts: the adaptation whose closed form follows a hand."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray

PRIOR: Final = 3.0
"""How many films the prompts weigh as much as; 3 gave the highest mean AUROC over budgets on synthetic val films."""
BIAS_PRIOR: Final = 1e-6
"""Of the bias, so that no film at all has a solution too."""


def fit_ridge(films: FloatArray, labels: FloatArray, texts: FloatArray, prior: float = PRIOR) -> FloatArray:
    """Compute (C, d + 1) weights, the bias last: least squares of the labels, pulled towards the prompts.

    Minimises, by class, the squared error of its labelled films plus prior |w - text|^2. Without films the weights are
    the texts, so that scores rank films as zero-shot does.
    films : (n, d) of length 1. labels : (n, C) of {0, 1, NaN}; NaN is left out. texts : (C, d), 0 where there is none.
    """
    rows = np.append(np.asarray(films, np.float64), np.ones((len(films), 1)), axis=1)
    pull = np.append(np.full(rows.shape[1] - 1, prior), BIAS_PRIOR)
    toward = np.append(np.asarray(texts, np.float64), np.zeros((len(texts), 1)), axis=1) * pull
    weights: FloatArray = np.empty_like(toward)
    for columns in same_films(labels):
        read = np.isfinite(labels[:, columns[0]])
        chosen = rows[read]
        left = chosen.T @ chosen + np.diag(pull)
        right = chosen.T @ labels[read][:, columns] + toward[columns].T
        weights[columns] = np.linalg.solve(left, right).T
    return weights


def same_films(labels: FloatArray) -> list[list[int]]:
    """Group the classes that the same films are labelled for, so that they share one matrix. labels : (n, C)."""
    groups: dict[bytes, list[int]] = {}
    for column, read in enumerate(np.isfinite(labels).T):
        groups.setdefault(read.tobytes(), []).append(column)
    return list(groups.values())


def scores_of(weights: FloatArray, films: FloatArray) -> FloatArray:
    """Compute (n, C) scores of films (n, d)."""
    scores: FloatArray = np.asarray(films, np.float64) @ weights[:, :-1].T + weights[:, -1]
    return scores
