"""Training of LP++: a linear classifier of films plus a weight on the text, by steps of a length from the films.

Source: Shakeri et al., "LP++", arXiv 2404.02285, and the code published with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.models.arrays import FloatArray

Residual = Callable[[FloatArray, FloatArray], FloatArray]
"""(logits, labels) -> the gradient of the loss by the logits, times the number of films: (n, C)."""

_MOMENTUM = 0.9
_EVERY = 10
"""Steps of the classifier between two of the text's weights."""


@dataclass(frozen=True, eq=False)
class TextProbe:
    """A film's logits are films @ weight.T + bias + alpha * (films @ texts.T). weight : (C, d). bias, alpha : (C,)."""

    weight: FloatArray
    bias: FloatArray
    alpha: FloatArray

    def logits(self, films: FloatArray, texts: FloatArray) -> FloatArray:
        """Compute (n, C) logits."""
        logits: FloatArray = films @ self.weight.T + self.bias + self.alpha * (films @ texts.T)
        return logits


def train_text_probe(
    start: TextProbe,
    films: FloatArray,
    labels: FloatArray,
    texts: FloatArray,
    residual: Residual,
    n_steps: int,
    each: Callable[[int, TextProbe, float], None],
) -> TextProbe:
    """Take n_steps gradient steps; give where they end.

    films : (n, d) of length 1. labels : (n, C). texts : (C, d).
    each : is told the number of steps, the probe before the next one, and the norm of the gradient there.
    As published: the classifier's steps are 4 n / (largest eigenvalue of films' films) with momentum .9; every tenth
    step the text's weights move by n / (4 max |films texts|^2) along the sum of all their gradients so far.
    """
    n = len(films)
    rate = 4 * n / float(np.linalg.eigvalsh(films.T @ films)[-1])
    of_text = films @ texts.T
    text_rate = n / (4 * float((of_text**2).sum(axis=0).max()))
    probe, pull = start, np.zeros_like(start.alpha)
    speed = (np.zeros_like(start.weight), np.zeros_like(start.bias))
    for step in range(n_steps):
        off = residual(films @ probe.weight.T + probe.bias + probe.alpha * of_text, labels) / n
        by_weight, by_bias, by_alpha = off.T @ films, off.sum(axis=0), (off * of_text).sum(axis=0)
        norm = float(np.sqrt((by_weight**2).sum() + (by_bias**2).sum() + (by_alpha**2).sum()))
        each(step, probe, norm)
        pull = pull + by_alpha
        speed = (_MOMENTUM * speed[0] + by_weight, _MOMENTUM * speed[1] + by_bias)
        alpha = probe.alpha - text_rate * pull if (step + 1) % _EVERY == 0 else probe.alpha
        probe = TextProbe(probe.weight - rate * speed[0], probe.bias - rate * speed[1], alpha)
    return probe


def independent_residual(logits: FloatArray, labels: FloatArray) -> FloatArray:
    """Compute the residual of the log loss where each class is a question of its own; 0 where nobody labelled."""
    off: FloatArray = np.where(np.isfinite(labels), 0.5 * (1 + np.tanh(0.5 * logits)) - labels, 0.0)
    return off
