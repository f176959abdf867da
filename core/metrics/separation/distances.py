"""How far apart the classes lie in an encoder's original space (never in a UMAP plane)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels

_PAPER_EPSILON = 1e-9


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


def paper_distances(embeddings: FloatArray, labels: FloatArray) -> ClassDistances:
    """The paper's distances: one hard label per film, its first positive in class order.

    embeddings : (n_films, d) un-normalised image embeddings.
    labels : (n_films, n_classes) of {0, 1, NaN}. A film without a positive label is left out.
    A class of one film counts with an intra distance of 0, as in the paper. ratio = inter / (intra + 1e-9).
    Source: arXiv 2506.14136.
    """
    positive = checked_labels(labels) == 1
    hard = positive & (np.cumsum(positive, axis=1) == 1)
    return _distances(embeddings, hard, min_films=1, epsilon=_PAPER_EPSILON)


def multi_label_distances(embeddings: FloatArray, labels: FloatArray) -> ClassDistances:
    """The same distances where a film belongs to each of its classes.

    Shapes as in `paper_distances`. A class of one film says nothing of its spread and is left out.
    """
    return _distances(embeddings, checked_labels(labels) == 1, min_films=2, epsilon=0.0)


def _distances(embeddings: FloatArray, member: BoolArray, *, min_films: int, epsilon: float) -> ClassDistances:
    """The distances of classes that have at least `min_films` members; member (n_films, n_classes)."""
    embeddings = np.asarray(embeddings, dtype=np.float64)
    n_classes = member.shape[1]
    sizes = np.count_nonzero(member, axis=0)
    intra_per_class = np.full(n_classes, np.nan)
    centroids = np.full((n_classes, embeddings.shape[1]), np.nan)
    for index in np.flatnonzero(sizes >= min_films):
        films = embeddings[member[:, index]]
        centroids[index] = films.mean(axis=0)
        intra_per_class[index] = np.linalg.norm(films - centroids[index], axis=1).mean()
    between = np.linalg.norm(centroids[:, None] - centroids[None], axis=2)
    pairs = between[np.triu_indices(n_classes, k=1)]
    inter, intra = _mean_of_defined(pairs), _mean_of_defined(intra_per_class)
    spread = intra + epsilon
    ratio = inter / spread if spread > 0 else math.nan
    n_films = int(np.count_nonzero(member[:, sizes >= min_films].any(axis=1)))
    return ClassDistances(inter, intra, ratio, n_films, sizes, intra_per_class, between)


def _mean_of_defined(values: FloatArray) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else math.nan
