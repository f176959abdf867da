"""Distances between and within classes over many resamples at once, which claims of a study share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.claims.axes import PUBLISHED
from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.neighbours import Metric, aligned, prepared
from core.metrics.separation.conventions import convention_named, summary, to_centres

N_RESAMPLES: Final = 200
"""Of distances: as many as the page of the embedding space draws."""
_PAPER_EPSILON: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Distances:
    """intra (K, C), between (K, C, C) of the films as they are, then of resamples; NaN where undefined.

    is_driven_apart : whether a resample drives class centres apart, so that intervals are turned round.
    """

    intra: FloatArray
    between: FloatArray
    is_driven_apart: bool
    epsilon: float = 0.0

    def figure(self, name: str, classes: BoolArray) -> FloatArray:
        """Compute (K,) inter, intra or ratio over some classes (C,)."""
        intra = np.where(classes, self.intra, np.nan)
        between = np.where(classes[:, None] & classes, self.between, np.nan)
        inter, spread, ratio = summary(intra, between)
        if name == "ratio":
            return ratio if not self.epsilon else inter / (spread + self.epsilon)
        return inter if name == "inter" else spread


def measure_distances(
    embeddings: FloatArray, labels: FloatArray, weights: FloatArray, convention: str, metric: Metric
) -> Distances:
    """Measure the distances of films (n, d) with labels (n, C) of {0, 1, NaN} under weights (K, n).

    convention : of CONVENTIONS, or "published": a film is of its first positive class in class order alone.
    """
    positive = labels == 1
    if convention == PUBLISHED:
        hard = positive & (np.cumsum(positive, axis=1) == 1)
        return Distances(*_by_centres(aligned(embeddings, metric), hard, weights, metric, 1), True, _PAPER_EPSILON)
    chosen = convention_named(convention)
    if not chosen.by_pairs:
        return Distances(*_by_centres(aligned(embeddings, metric), positive, weights, metric, 2), True)
    orders = np.broadcast_to(np.arange(len(labels)), weights.shape)
    whole = chosen.measure(aligned(embeddings, metric), metric, labels, orders[:1], weights[:1])
    rest = chosen.measure(prepared(embeddings, metric), metric, labels, orders[1:], weights[1:])
    intra, between = (np.concatenate(pair) for pair in zip(whole, rest, strict=True))
    return Distances(intra, between, False)


def _by_centres(
    rows: FloatArray, member: BoolArray, weights: FloatArray, metric: Metric, least: int
) -> tuple[FloatArray, FloatArray]:
    """intra (K, C) and between (K, C, C) by class centres, of classes with at least so many different films."""
    n_versions, n_classes = len(weights), member.shape[1]
    intra = np.full((n_versions, n_classes), np.nan)
    centres = np.full((n_versions, n_classes, rows.shape[1]), np.nan)
    for index in range(n_classes):
        films = rows[member[:, index]]
        own = weights[:, member[:, index]].astype(np.float64)
        numbers = np.count_nonzero(own, axis=1)
        here = numbers >= least
        sizes = own[here].sum(axis=1, keepdims=True)
        middle = own[here] @ films / sizes
        centres[here, index] = middle
        intra[here, index] = (own[here] * to_centres(films, middle, metric).T).sum(axis=1) / sizes[:, 0]
        intra[numbers == 1, index] *= 0  # one film is its own centre, but for rounding
    return intra, np.stack([to_centres(one, one, metric) for one in centres])
