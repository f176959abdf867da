"""How far apart the classes lie in an encoder's original space (never in a UMAP plane)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels, ratios

_PAPER_EPSILON = 1e-9
_AT_ONCE = 1024
"""Films whose embeddings are read at a time."""


@dataclass(frozen=True, eq=False)
class ClassDistances:
    """Euclidean distances in the units of the embeddings.

    inter : mean distance over pairs of class centroids; NaN with fewer than two classes.
    intra : mean over classes of the mean distance of a film to its class centroid; NaN without classes.
    ratio : inter / intra, higher is better separated; NaN where either is.
    n_films : films that count.
    films_per_class : (n_classes,) films of each class.
    intra_per_class : (n_classes,) NaN for a class that does not count.
    between : (n_classes, n_classes) centroid distances, NaN for a class that does not count.
    """

    inter: float
    intra: float
    ratio: float
    n_films: int
    films_per_class: IntArray
    intra_per_class: FloatArray
    between: FloatArray


def paper_distances(embeddings: FloatArray, labels: FloatArray, rows: IntArray | None = None) -> ClassDistances:
    """Compute the paper's distances: one hard label per film, its first positive in class order.

    embeddings : (n, d) un-normalised image embeddings, which may be mapped: some rows of them are read at a time.
    labels : (n_films, n_classes) of {0, 1, NaN}. A film without a positive label is left out.
    rows : (n_films,) where each film's embedding is; None = the first of the first film, and so on.
    A class of one film counts with an intra distance of 0, as in the paper. ratio = inter / (intra + 1e-9).
    Source: arXiv 2506.14136.
    """
    positive = checked_labels(labels) == 1
    hard = positive & (np.cumsum(positive, axis=1) == 1)
    return _distances(embeddings, hard, rows, min_films=1, epsilon=_PAPER_EPSILON)


def multi_label_distances(embeddings: FloatArray, labels: FloatArray, rows: IntArray | None = None) -> ClassDistances:
    """Compute the distances of `paper_distances` where a film belongs to each of its classes.

    Shapes as in `paper_distances`. A class of one film says nothing of its spread and is left out.
    """
    return _distances(embeddings, checked_labels(labels) == 1, rows, min_films=2, epsilon=0.0)


def _distances(
    embeddings: FloatArray, member: BoolArray, rows: IntArray | None, *, min_films: int, epsilon: float
) -> ClassDistances:
    """The distances of classes that have at least `min_films` members; member (n_films, n_classes)."""
    places = np.arange(len(member)) if rows is None else rows
    sizes = np.count_nonzero(member, axis=0)
    counted = sizes >= min_films
    sums = np.zeros((member.shape[1], embeddings.shape[1]))
    for films, block in _blocks(embeddings, places):
        sums += member[films].T.astype(np.float64) @ block
    centroids = ratios(sums, np.where(counted, sizes, 0)[:, None])
    spread = np.zeros(member.shape[1])
    for films, block in _blocks(embeddings, places):
        for index in np.flatnonzero(counted):
            gaps = block[member[films, index]] - centroids[index]
            spread[index] += np.sqrt(np.einsum("ij,ij->i", gaps, gaps)).sum()
    intra_per_class = ratios(spread, np.where(counted, sizes, 0))
    between = np.linalg.norm(centroids[:, None] - centroids[None], axis=2)
    pairs = between[np.triu_indices(member.shape[1], k=1)]
    inter, intra = _mean_of_defined(pairs), _mean_of_defined(intra_per_class)
    ratio = inter / (intra + epsilon) if intra + epsilon > 0 else math.nan
    n_films = int(np.count_nonzero(member[:, sizes >= min_films].any(axis=1)))
    return ClassDistances(inter, intra, ratio, n_films, sizes, intra_per_class, between)


def _blocks(embeddings: FloatArray, places: IntArray) -> Iterator[tuple[slice, FloatArray]]:
    """Some films at a time, with their embeddings in double precision: all at once would be gigabytes."""
    for first in range(0, len(places), _AT_ONCE):
        films = slice(first, first + _AT_ONCE)
        yield films, np.asarray(embeddings[places[films]], dtype=np.float64)


def _mean_of_defined(values: FloatArray) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else math.nan
