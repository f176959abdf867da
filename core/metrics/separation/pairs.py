"""Mean distances between groups of films over all their pairs, for many shufflings or resamplings at once."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, ratios
from core.metrics.neighbours import Metric, distance_blocks

_VALUES: Final = 16_000_000
"""Memberships that are in memory at once: 64 MB in float32."""


def mean_pair_distances(
    rows: FloatArray, metric: Metric, groups: BoolArray, orders: IntArray, weights: FloatArray
) -> FloatArray:
    """(K, Q, Q) mean distance over pairs of a film of one group and another film of the other; NaN without a pair.

    rows : (n, d) of `prepared`.  groups : (n, Q) who belongs where.
    orders : (K, n), film i belongs where film orders[k, i] does in `groups`.  weights : (K, n) how often film i counts.
    A film makes no pair with itself, nor with a copy of itself in a resample. Distances are computed block by block;
    never n x n of them are in memory.
    """
    chunk = max(1, _VALUES // max(1, rows.shape[0] * groups.shape[1]))
    parts = [
        _chunk(rows, metric, groups, orders[start : start + chunk], weights[start : start + chunk])
        for start in range(0, len(orders), chunk)
    ]
    return np.concatenate(parts)


def _chunk(rows: FloatArray, metric: Metric, groups: BoolArray, orders: IntArray, weights: FloatArray) -> FloatArray:
    belongs = groups[orders].astype(np.float32)
    weighted = belongs * weights[:, :, None].astype(np.float32)
    n_versions, n_films, n_groups = weighted.shape
    flat = weighted.transpose(1, 0, 2).reshape(n_films, n_versions * n_groups)
    total = np.zeros((n_versions, n_groups, n_groups))
    for block, distances in distance_blocks(rows, metric):
        reach = (distances @ flat).reshape(len(block), n_versions, n_groups)
        total += np.matmul(weighted[:, block].transpose(0, 2, 1), reach.transpose(1, 0, 2))
    sizes = weighted.sum(axis=1, dtype=np.float64)
    with_itself = np.matmul(weighted.transpose(0, 2, 1), weighted).astype(np.float64)
    pairs = sizes[:, :, None] * sizes[:, None, :] - with_itself
    return ratios(total, pairs, above=0.5)
