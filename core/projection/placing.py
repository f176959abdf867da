"""Where a new film lies on a UMAP that is finished: by UMAP's own loss, with all other films held still."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from core.errors import StudyError
from core.metrics.arrays import FloatArray
from core.metrics.neighbours import Metric, nearest_to
from core.projection.record import map_record

if TYPE_CHECKING:
    from core.study import Study

_STEPS: Final = 200
_REPULSION: Final = 5.0
"""Negative samples for each positive one, umap-learn's default."""
_LONGEST_PULL: Final = 4.0
"""umap-learn's limit on one step along one axis."""


def place_film(study: Study, encoder: str, embedding: FloatArray, *, n_components: int = 2) -> FloatArray:
    """(n_components,) coordinates of a film, not of the study, on the study's UMAP.

    embedding : (d,) by the same encoder. Raises StudyError where it has another length than the study's.
    """
    embeddings = study.image_embeddings(encoder)
    if embedding.shape != embeddings.shape[1:]:
        message = f"The film's embedding has {embedding.size} values; the study's have {embeddings.shape[1]}."
        raise StudyError(message, remedy="Encode the film with the study's own encoder.")
    record = map_record(study, encoder)
    metric: Metric = "cosine" if record.get("metric") == "cosine" else "euclidean"
    k, min_dist = int(record.get("n_neighbors", 15)), float(record.get("min_dist", 0.1))
    return place(embedding, embeddings, study.umap(encoder, n_components), k=k, min_dist=min_dist, metric=metric)


def place(
    embedding: FloatArray,
    embeddings: FloatArray,
    points: FloatArray,
    *,
    k: int = 15,
    min_dist: float = 0.1,
    metric: Metric = "euclidean",
) -> FloatArray:
    """(2 or 3,) coordinates of one film among n others, whose embeddings (n, d) and points (n, 2 or 3) are given.

    It starts at the weighted mean of its neighbours and goes down UMAP's cross-entropy, attraction to its neighbours
    and the expected repulsion of all films, so that the same film always lands on the same spot.
    Source: McInnes, Healy, Melville, arXiv 1802.03426, section 3; umap-learn's transform, without its sampling.
    """
    k = min(k, len(embeddings))
    found = nearest_to(embeddings, embedding, k, metric=metric)
    rows, distances = found.rows[0], found.distances[0].astype(np.float64)
    weights = _memberships(distances)
    others = np.asarray(points, dtype=np.float64)
    a, b = curve_of(min_dist)
    here = weights @ others[rows] / weights.sum()
    for step in range(_STEPS):
        pull = _attraction(here, others[rows], weights, a, b)
        push = _repulsion(here, others, a, b) * (_REPULSION * weights.sum() / len(others))
        here = here + (1 - step / _STEPS) * np.clip(pull + push, -_LONGEST_PULL, _LONGEST_PULL) * 0.1
    return np.asarray(here.astype(np.float32))


def curve_of(min_dist: float, spread: float = 1.0) -> tuple[float, float]:
    """UMAP's a and b: the curve 1 / (1 + a x^2b) nearest to 1 up to min_dist and exp(-(x - min_dist) / spread) beyond.

    Least squares by Levenberg's damped steps in log a and log b.
    """
    x = np.linspace(0, 3 * spread, 300)[1:]
    wanted = np.where(x < min_dist, 1.0, np.exp(-(x - min_dist) / spread))
    logs, damping = np.zeros(2), 1e-2
    gap, jacobian = _curve_gap(logs, x, wanted)
    for _ in range(200):
        step = np.linalg.solve(jacobian.T @ jacobian + damping * np.eye(2), jacobian.T @ gap)
        new_gap, new_jacobian = _curve_gap(logs + step, x, wanted)
        if new_gap @ new_gap < gap @ gap:
            logs, gap, jacobian, damping = logs + step, new_gap, new_jacobian, damping / 3
        else:
            damping *= 3
    return float(np.exp(logs[0])), float(np.exp(logs[1]))


def _curve_gap(logs: FloatArray, x: FloatArray, wanted: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(m,) what the curve lacks, and (m, 2) how the curve grows with log a and log b."""
    a, b = np.exp(np.clip(logs, -20, 20))
    power = a * x ** (2 * b)
    curve = 1 / (1 + power)
    return wanted - curve, np.column_stack([-(curve**2) * power, -(curve**2) * power * 2 * b * np.log(x)])


def _memberships(distances: FloatArray) -> FloatArray:
    """(k,) fuzzy memberships exp(-(d - nearest) / sigma), sigma such that they sum to log2(k); by bisection."""
    beyond = np.maximum(distances - distances[0], 0)
    low, high = 0.0, max(float(beyond.max()), 1e-12) * 1e3
    wanted = math.log2(len(distances)) if len(distances) > 1 else 1.0
    for _ in range(64):
        sigma = (low + high) / 2
        total = float(np.exp(-beyond / max(sigma, 1e-300)).sum())
        low, high = (low, sigma) if total > wanted else (sigma, high)
    return np.asarray(np.exp(-beyond / max((low + high) / 2, 1e-300)))


def _attraction(here: FloatArray, others: FloatArray, weights: FloatArray, a: float, b: float) -> FloatArray:
    gap = here - others
    squared = np.maximum((gap**2).sum(axis=1), 1e-12)
    strength = -2 * a * b * squared ** (b - 1) / (1 + a * squared**b)
    pull: FloatArray = ((weights * strength)[:, None] * gap).sum(axis=0)
    return pull


def _repulsion(here: FloatArray, others: FloatArray, a: float, b: float) -> FloatArray:
    gap = here - others
    squared = (gap**2).sum(axis=1)
    strength = 2 * b / ((0.001 + squared) * (1 + a * squared**b))
    push: FloatArray = np.clip(strength[:, None] * gap, -_LONGEST_PULL, _LONGEST_PULL).sum(axis=0)
    return push
