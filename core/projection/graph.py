"""UMAP's graph of neighbours, in NumPy: nothing is compiled before a first map can be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import coo_matrix

_SMALLEST_SCALE: Final = 1e-3
"""A film's scale is at least this share of its mean distance to its neighbours, as in umap-learn."""


def fuzzy_graph(neighbours: IntArray, distances: FloatArray) -> coo_matrix:
    """Compute (n, n) sparse, symmetric float32 memberships 0..1: how surely two films are neighbours.

    neighbours, distances : (n, k) with each film its own first neighbour, distances ascending.
    Source: McInnes, Healy, Melville, arXiv 1802.03426, algorithms 2 and 3; equal to umap-learn's to 1e-4.
    """
    from scipy.sparse import coo_matrix

    n_films, k = neighbours.shape
    strength = memberships(distances.astype(np.float64))
    strength[neighbours == np.arange(n_films)[:, None]] = 0
    edges = np.repeat(np.arange(n_films, dtype=np.int32), k), neighbours.ravel().astype(np.int32)
    directed = coo_matrix((strength.ravel().astype(np.float32), edges), shape=(n_films, n_films)).tocsr()
    directed.eliminate_zeros()
    other_way = directed.T
    graph = (directed + other_way - directed.multiply(other_way)).tocoo()
    graph.eliminate_zeros()
    return graph


def memberships(distances: FloatArray) -> FloatArray:
    """Compute (n, k) exp(-(d - nearest) / scale), 1 at the nearest; each row's, its first left out, sum to log2(k).

    distances : (n, k) ascending, the first to the film itself. The nearest is the first that is not 0. The scale is
    found by bisection, and bounded below where all neighbours are equally far.
    """
    positive = np.where(distances > 0, distances, np.inf).min(axis=1)
    nearest = np.where(np.isfinite(positive), positive, 0.0)
    beyond = np.maximum(distances - nearest[:, None], 0)
    scale = _scales(beyond[:, 1:], np.log2(distances.shape[1]))
    usual = np.where(nearest > 0, distances.mean(axis=1), distances.mean())
    scale = np.maximum(scale, _SMALLEST_SCALE * usual)
    shrunk: FloatArray = beyond / np.where(scale > 0, scale, 1.0)[:, None]
    return np.asarray(np.exp(-shrunk))


def _scales(beyond: FloatArray, wanted: float) -> FloatArray:
    """(n,) the scale at which a row's exp(-beyond / scale) sum to what is wanted, doubled or halved 64 times."""
    low, high = np.zeros(len(beyond)), np.full(len(beyond), np.inf)
    scale = np.ones(len(beyond))
    for _ in range(64):
        too_much = np.exp(-beyond / np.maximum(scale, 1e-300)[:, None]).sum(axis=1) > wanted
        high, low = np.where(too_much, scale, high), np.where(too_much, low, scale)
        scale = np.where(np.isinf(high), 2 * scale, (low + np.where(np.isinf(high), 0, high)) / 2)
    return scale
