"""Nearest films in the original space, found exactly by blocked matrix products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray

Metric = Literal["euclidean", "cosine"]
METRICS: Final[tuple[Metric, ...]] = ("euclidean", "cosine")

BLOCK_VALUES: Final = 4_000_000
"""Distances that are in memory at once: 16 MB in float32."""

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The films nearest to each of some films, nearest first.

    rows : (q, k) int32 into the films that were searched; -1 where there are fewer than k.
    distances : (q, k) float32, Euclidean in the units of the embeddings or cosine 0..2; NaN where rows is -1.
    """

    rows: IntArray
    distances: FloatArray


def prepared(embeddings: FloatArray, metric: Metric) -> FloatArray:
    """Prepare (n, d) float32 rows whose Euclidean distance serves the metric, as `aligned`."""
    return aligned(embeddings, metric).astype(np.float32)


def aligned(embeddings: FloatArray, metric: Metric) -> FloatArray:
    """Give (n, d) float64 rows whose Euclidean distance serves the metric.

    Centred for Euclidean, which leaves distances alone and keeps their precision; of length 1 for cosine (a row of
    length 0 stays 0, at cosine distance 1/2 from all).
    """
    rows = np.asarray(embeddings, dtype=np.float64)
    if metric == "cosine":
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    elif len(rows):
        rows = rows - rows.mean(axis=0)
    return rows


def distance_blocks(
    rows: FloatArray, metric: Metric, queries: IntArray | None = None
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield query rows and their distances to all: (b,) and (b, n) float32, block by block; never n x n.

    rows : of `prepared`. The distance of a row to itself is exactly 0.
    """
    queries = np.arange(len(rows)) if queries is None else queries
    squares = np.einsum("ij,ij->i", rows, rows)
    step = max(1, BLOCK_VALUES // max(len(rows), 1))
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        distances = _between(rows[block], squares[block], rows, squares, metric)
        distances[np.arange(len(block)), block] = 0
        yield block, distances


def _between(
    rows: FloatArray, squares: FloatArray, others: FloatArray, other_squares: FloatArray, metric: Metric
) -> FloatArray:
    """(b, n) float32 distances of rows (b, d) to others (n, d), both of `prepared`. squares : of their lengths."""
    squared: FloatArray = rows @ others.T
    squared *= -2
    squared += squares[:, None]
    squared += other_squares
    np.maximum(squared, 0, out=squared)
    return squared / 2 if metric == "cosine" else np.sqrt(squared, out=squared)


def nearest(
    embeddings: FloatArray,
    k: int,
    *,
    metric: Metric = "euclidean",
    queries: IntArray | None = None,
    groups: IntArray | None = None,
    with_self: bool = False,
    progress: Progress | None = None,
) -> Neighbours:
    """Find the k nearest films of each query row among all rows, exactly; ties go to the earlier row.

    embeddings : (n, d).
    queries : rows to search for, all where None.
    groups : (n,) such as patients; films of a query's own group are passed over.
    with_self : whether a film is its own first neighbour, as umap-learn wants it.

    >>> found = nearest(np.array([[0.0], [1.0], [3.0]]), 1)
    >>> found.rows.tolist(), found.distances.tolist()
    ([[1], [0], [1]], [[1.0], [1.0], [2.0]])
    """
    rows = prepared(embeddings, metric)
    n_queries = len(rows) if queries is None else len(queries)
    found = np.full((n_queries, k), -1, dtype=np.int32)
    distances = np.full((n_queries, k), np.nan, dtype=np.float32)
    done = 0
    for block, block_distances in distance_blocks(rows, metric, queries):
        own = np.arange(len(block))
        if groups is not None:
            block_distances[groups[block][:, None] == groups[None, :]] = np.inf
        block_distances[own, block] = -1 if with_self else np.inf
        picked, values = _smallest(block_distances, min(k, len(rows)))
        missing = np.isinf(values)
        place = slice(done, done + len(block))
        found[place, : picked.shape[1]] = np.where(missing, -1, picked)
        distances[place, : picked.shape[1]] = np.where(missing, np.nan, np.maximum(values, 0))
        done += len(block)
        if progress is not None:
            progress(done, n_queries, "films searched for neighbours")
    return Neighbours(found, distances)


def nearest_to(
    embeddings: FloatArray, vector: FloatArray, k: int, *, metric: Metric = "euclidean", without: int | None = None
) -> Neighbours:
    """Find the k of n films nearest to one vector (d,), as one row of `Neighbours`; ties go to the earlier row.

    embeddings : (n, d), read block by block, so that a memory map is never in memory as a whole.
    without : a row to pass over. A film or vector of length 0 is at cosine distance 1/2 from all, as in `prepared`.
    """
    wanted = np.asarray(vector, dtype=np.float32)
    distances = np.empty((1, len(embeddings)), dtype=np.float32)
    step = max(1, BLOCK_VALUES // max(1, embeddings.shape[1]))
    for start in range(0, len(embeddings), step):
        block = np.asarray(embeddings[start : start + step], dtype=np.float32)
        distances[0, start : start + len(block)] = _distances_to(block, wanted, metric)
    if without is not None:
        distances[0, without] = np.inf
    picked, values = _smallest(distances, min(k, len(embeddings) - (without is not None)))
    return Neighbours(picked.astype(np.int32), values)


def nearest_among(
    embeddings: FloatArray, queries: IntArray, others: IntArray, k: int, *, metric: Metric = "euclidean"
) -> Iterator[tuple[IntArray, Neighbours]]:
    """Yield query rows (b,) and the k nearest of some other rows to each, block by block; ties go to the earlier.

    embeddings : (n, d), read block by block but for the others. The neighbours' rows count the others from 0.
    """
    whole = np.asarray(embeddings[others], dtype=np.float64)
    centre = 0.0 if metric == "cosine" else whole.mean(axis=0)
    there = prepared(whole, metric)
    there_squares = np.einsum("ij,ij->i", there, there)
    step = max(1, BLOCK_VALUES // max(len(others), 1))
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        own = np.asarray(embeddings[block], dtype=np.float64)
        rows = prepared(own, metric) if metric == "cosine" else (own - centre).astype(np.float32)
        distances = _between(rows, np.einsum("ij,ij->i", rows, rows), there, there_squares, metric)
        picked, values = _smallest(distances, min(k, len(others)))
        yield block, Neighbours(picked.astype(np.int32), values)


def _distances_to(rows: FloatArray, vector: FloatArray, metric: Metric) -> FloatArray:
    """(b,) float32."""
    if metric == "cosine":
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows)) * np.linalg.norm(vector)
        cosine = np.divide(rows @ vector, lengths, out=np.full(len(rows), 0.5, dtype=np.float32), where=lengths > 0)
        return np.asarray(np.maximum(1 - cosine, 0))
    gap = rows - vector
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", gap, gap)))


def patient_groups(patients: object) -> IntArray:
    """Give a number (n,) for every patient id, for `nearest`."""
    return np.unique(np.asarray(patients, dtype=str), return_inverse=True)[1].astype(np.int32)


def _smallest(distances: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    """Columns and values of the k smallest of each row, ascending, ties by column."""
    if k < distances.shape[1]:
        cut = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
        columns = np.nonzero(_first_k(distances, cut, k))[1].reshape(len(distances), k)
    else:
        columns = np.broadcast_to(np.arange(distances.shape[1]), distances.shape)
    values = np.take_along_axis(distances, columns, axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1), np.take_along_axis(values, order, axis=1)


def _first_k(distances: FloatArray, cut: FloatArray, k: int) -> BoolArray:
    """Which k of each row are smallest: all below the cut, and of those at it the first that fit."""
    chosen: BoolArray = distances <= cut
    tied = np.flatnonzero(np.count_nonzero(chosen, axis=1) > k)
    if len(tied):
        below, at_cut = distances[tied] < cut[tied], distances[tied] == cut[tied]
        room = k - below.sum(axis=1, keepdims=True)
        chosen[tied] = below | (at_cut & (np.cumsum(at_cut, axis=1, dtype=np.int32) <= room))
    return chosen
