"""How far a map keeps the original neighbourhoods: trustworthiness and continuity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.neighbours import Metric, distance_blocks, prepared

EXACT_UP_TO: Final = 10_000
"""Films up to which every film is asked; above, a random `SAMPLE` of them is, against all others."""
SAMPLE: Final = 2_000


@dataclass(frozen=True)
class MapQuality:
    """Both are 0..1, 1 = every neighbour kept; NaN where there are too few films.

    trustworthiness : falls when films are near on the map that are not near in the original space.
    continuity : falls when films that are near in the original space are torn apart on the map.
    n_neighbors : how many neighbours were looked at.  n_films : of the map.
    n_asked : films whose neighbours were looked at; fewer than n_films means a random sample.
    error : the standard error of both at most; 0 where every film was asked.
    """

    trustworthiness: float
    continuity: float
    n_neighbors: int
    n_films: int
    n_asked: int
    error: float

    def to_json(self) -> dict[str, Any]:
        """As JSON values; undefined is None."""
        values = {"trustworthiness": self.trustworthiness, "continuity": self.continuity, "error": self.error}
        shown = {name: None if math.isnan(value) else round(value, 6) for name, value in values.items()}
        return {**shown, "n_neighbors": self.n_neighbors, "n_films": self.n_films, "n_asked": self.n_asked}


def map_quality(
    embeddings: FloatArray, points: FloatArray, *, k: int = 15, metric: Metric = "euclidean", seed: int = 0
) -> MapQuality:
    """Of a map's points (n, 2 or 3), given the embeddings (n, d) that it is made of.

    k is lowered where there are few films; undefined (NaN) below 5. Source: Venna and Kaski, ICANN 2001.
    """
    n_films = len(embeddings)
    k = min(k, max(1, (2 * n_films - 2) // 3 - 1))
    if n_films < 5:
        return MapQuality(math.nan, math.nan, k, n_films, 0, math.nan)
    queries = np.arange(n_films)
    if n_films > EXACT_UP_TO:
        queries = np.sort(np.random.default_rng(seed).choice(n_films, SAMPLE, replace=False))
    false, torn = _penalties(prepared(embeddings, metric), metric, prepared(points, "euclidean"), queries, k)
    scale = 2 / (k * (2 * n_films - 3 * k - 1))
    worst = max(float(false.std()), float(torn.std())) * scale / math.sqrt(len(queries))
    error = worst if len(queries) < n_films else 0.0
    return MapQuality(1 - scale * float(false.mean()), 1 - scale * float(torn.mean()), k, n_films, len(queries), error)


def _penalties(
    rows: FloatArray, metric: Metric, points: FloatArray, queries: IntArray, k: int
) -> tuple[FloatArray, FloatArray]:
    """For each query film: by how many ranks its neighbours on the map, and in the space, are too far in the other."""
    false, torn = np.zeros(len(queries)), np.zeros(len(queries))
    done = 0
    for block, there in distance_blocks(rows, metric, queries):
        here = next(distance_blocks(points, "euclidean", block))[1]
        own = np.arange(len(block))
        there[own, block] = here[own, block] = np.inf
        place = slice(done, done + len(block))
        false[place], torn[place] = _too_far(here, there, k), _too_far(there, here, k)
        done += len(block)
    return false, torn


def _too_far(near: FloatArray, other: FloatArray, k: int) -> FloatArray:
    """(b,) summed ranks beyond k, in `other`, of the k films that are nearest in `near`; both (b, n)."""
    chosen = np.argpartition(near, k - 1, axis=1)[:, :k]
    total = np.zeros(len(near))
    for column in range(k):
        distance = np.take_along_axis(other, chosen[:, column : column + 1], axis=1)
        rank = 1 + np.count_nonzero(other < distance, axis=1)
        total += np.maximum(0, rank - k)
    return total
