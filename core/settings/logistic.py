"""Logistic regression by Newton's method, to a gradient of nothing: one class, an L2 penalty on its weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.models.arrays import FloatArray

_ARMIJO = 1e-4
_LEAST_STEP = 1e-10


@dataclass(frozen=True, eq=False)
class Logistic:
    """The classifier of one class.

    weights : (d + 1,), the bias last.
    gradient_norm : of the objective there.
    path : the weights after each iteration, from the start.
    """

    weights: FloatArray
    gradient_norm: float
    path: tuple[FloatArray, ...]


def fit_logistic(
    rows: FloatArray,
    labels: FloatArray,
    strength: float,
    *,
    tolerance: float,
    max_iterations: int,
    start: FloatArray | None = None,
) -> Logistic:
    """Fit one class: least mean log loss plus |w|^2 / (2 C n), which has scikit-learn's C and its minimum.

    rows : (n, d + 1), the last column 1. labels : (n,) of {0, 1}. strength : C.
    tolerance : gradient norm at which it ends; steps are halved until they lower the objective (Armijo).
    """
    n, width = rows.shape
    penalty = np.append(np.full(width - 1, 1 / (strength * n)), 0.0)
    weights = np.zeros(width) if start is None else np.array(start)
    value, path = _objective(rows, labels, penalty, weights), [weights]
    for _ in range(max_iterations):
        chances = _sigmoid(rows @ weights)
        gradient = rows.T @ (chances - labels) / n + penalty * weights
        if np.linalg.norm(gradient) <= tolerance:
            break
        curvature = (rows * (chances * (1 - chances) / n)[:, None]).T @ rows + np.diag(penalty + 1e-14)
        step, share = np.linalg.solve(curvature, gradient), 1.0
        while share > _LEAST_STEP:
            tried = _objective(rows, labels, penalty, weights - share * step)
            if tried <= value - _ARMIJO * share * float(gradient @ step):
                break
            share /= 2
        if share <= _LEAST_STEP:  # as low as floating point tells
            break
        weights = weights - share * step
        value = tried
        path.append(weights)
    gradient = rows.T @ (_sigmoid(rows @ weights) - labels) / n + penalty * weights
    return Logistic(weights, float(np.linalg.norm(gradient)), tuple(path))


def log_losses(logits: FloatArray, labels: FloatArray) -> FloatArray:
    """Compute the log loss of each logit against its label of {0, 1}."""
    losses: FloatArray = np.logaddexp(0.0, logits) - labels * logits
    return losses


def _objective(rows: FloatArray, labels: FloatArray, penalty: FloatArray, weights: FloatArray) -> float:
    return float(log_losses(rows @ weights, labels).mean() + 0.5 * (penalty * weights) @ weights)


def _sigmoid(logits: FloatArray) -> FloatArray:
    chances: FloatArray = 0.5 * (1 + np.tanh(0.5 * logits))
    return chances
