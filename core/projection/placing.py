"""Where a new film lies on a UMAP that is finished: by UMAP's own loss, with all other films held still."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from core.errors import StudyError
from core.metrics.arrays import FloatArray, IntArray
from core.metrics.neighbours import Metric, Progress, nearest_among, nearest_to
from core.projection.record import map_record

if TYPE_CHECKING:
    from core.study import Study

_STEPS: Final = 200
_FEWER_STEPS: Final = 30
_REPELLING: Final = 64
"""Films that repel at each of the fewer steps."""
_REPULSION: Final = 5.0
"""Negative samples for each positive one, umap-learn's default."""
_LONGEST_PULL: Final = 4.0
"""umap-learn's limit on one step along one axis."""


def place_film(study: Study, encoder: str, embedding: FloatArray, *, n_components: int = 2) -> FloatArray:
    """Compute (n_components,) coordinates of a film, not of the study, on the study's UMAP.

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
    """Compute (2 or 3,) coordinates of one film among n others,
    whose embeddings (n, d) and points (n, 2 or 3) are given.

    It starts at the weighted mean of its neighbours and goes down UMAP's cross-entropy, attraction to its neighbours
    and the expected repulsion of all films, so that the same film always lands on the same spot.
    Source: McInnes, Healy, Melville, arXiv 1802.03426, section 3; umap-learn's transform, without its sampling.
    """
    k = min(k, len(embeddings))
    found = nearest_to(embeddings, embedding, k, metric=metric)
    others = np.asarray(points, dtype=np.float64)
    weights = _memberships(found.distances.astype(np.float64))
    placed = _settled(others[found.rows], weights, curve_of(min_dist), [others] * _STEPS)
    return np.asarray(placed[0].astype(np.float32))


def place_all(
    embeddings: FloatArray,
    fitted: IntArray,
    points: FloatArray,
    *,
    k: int = 15,
    min_dist: float = 0.1,
    metric: Metric = "euclidean",
    seed: int = 42,
    progress: Progress | None = None,
) -> FloatArray:
    """Compute (n, 2 or 3) coordinates of all films (n, d) on the map of some of them, which stay where they are.

    fitted : (m,) rows of the films on the map, ascending; points : (m, 2 or 3) of these.
    Every other film is placed as by `place`, among the fitted ones, in fewer steps, and repelled in each by some of
    them that the seed draws: a step of all would take as long as the map.
    """
    found = np.empty((len(embeddings), points.shape[1]), dtype=np.float32)
    found[fitted] = points
    rest = np.setdiff1d(np.arange(len(embeddings)), fitted)
    others, curve = np.asarray(points, dtype=np.float64), curve_of(min_dist)
    rng, n_placed = np.random.default_rng(seed), 0
    for rows, near in nearest_among(embeddings, rest, fitted, k, metric=metric):
        drawn = rng.integers(len(others), size=(_FEWER_STEPS, min(_REPELLING, len(others))))
        weights = _memberships(near.distances.astype(np.float64))
        found[rows] = _settled(others[near.rows], weights, curve, [others[places] for places in drawn])
        n_placed += len(rows)
        if progress is not None:
            progress(n_placed, len(rest), "films placed on the map")
    return found


def _settled(
    near: FloatArray,
    weights: FloatArray,
    curve: tuple[float, float],
    repelling: Sequence[FloatArray],
) -> FloatArray:
    """(b, c) where films settle between their neighbours (b, k, c), of memberships (b, k).

    repelling : by step, the films (m, c) that stand for all others.
    """
    total = weights.sum(axis=1)[:, None]
    here = (weights[:, :, None] * near).sum(axis=1) / total
    for step, others in enumerate(repelling):
        pull = _attraction(here, near, weights, *curve)
        push = _repulsion(here, others, *curve) * (_REPULSION * total / len(others))
        here = here + (1 - step / len(repelling)) * np.clip(pull + push, -_LONGEST_PULL, _LONGEST_PULL) * 0.1
    return np.asarray(here)


def curve_of(min_dist: float, spread: float = 1.0) -> tuple[float, float]:
    """Fit UMAP's a and b: the curve 1 / (1 + a x^2b) nearest to 1 up to min_dist and exp(-(x - min_dist) / spread)
    beyond.

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
    """(b, k) fuzzy memberships exp(-(d - nearest) / sigma) of distances (b, k), the nearest first; sigma such that they
    sum to log2(k); by bisection.
    """
    beyond = np.maximum(distances - distances[:, :1], 0)
    low, high = np.zeros((len(distances), 1)), np.maximum(beyond.max(axis=1, keepdims=True), 1e-12) * 1e3
    wanted = math.log2(distances.shape[1]) if distances.shape[1] > 1 else 1.0
    for _ in range(64):
        sigma = (low + high) / 2
        is_wide = np.exp(-beyond / np.maximum(sigma, 1e-300)).sum(axis=1, keepdims=True) > wanted
        low, high = np.where(is_wide, low, sigma), np.where(is_wide, sigma, high)
    return np.asarray(np.exp(-beyond / np.maximum((low + high) / 2, 1e-300)))


def _attraction(here: FloatArray, others: FloatArray, weights: FloatArray, a: float, b: float) -> FloatArray:
    gap = here[:, None] - others
    squared = np.maximum((gap**2).sum(axis=2), 1e-12)
    strength = -2 * a * b * squared ** (b - 1) / (1 + a * squared**b)
    pull: FloatArray = ((weights * strength)[:, :, None] * gap).sum(axis=1)
    return pull


def _repulsion(here: FloatArray, others: FloatArray, a: float, b: float) -> FloatArray:
    gap = here[:, None] - others[None]
    squared = (gap**2).sum(axis=2)
    strength = 2 * b / ((0.001 + squared) * (1 + a * squared**b))
    push: FloatArray = np.clip(strength[:, :, None] * gap, -_LONGEST_PULL, _LONGEST_PULL).sum(axis=1)
    return push
