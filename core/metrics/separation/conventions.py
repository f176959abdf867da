"""Ways to measure how far classes lie apart where a film may have several labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels, mean_of_defined, ratios
from core.metrics.neighbours import Metric, prepared
from core.metrics.separation.distances import ClassDistances
from core.metrics.separation.pairs import mean_pair_distances
from core.registries import find_by_name

Measured = tuple[FloatArray, FloatArray]
"""intra (K, C) and between (K, C, C) of K versions of the labels; NaN where undefined."""


@dataclass(frozen=True)
class Convention:
    """What inter and intra mean.

    measure : (rows (n, d) of `prepared`, metric, labels (n, C), orders (K, n), weights (K, n)) -> Measured, where film
    i carries the labels of film orders[k, i] and counts weights[k, i] times.
    by_pairs : whether pairs of films are compared, which takes n x n distances; else films and centres.
    n_groups : of C classes, the groups of films whose distances are summed, which decides what a shuffle costs.
    """

    name: str
    title: str
    words: str
    measure: Callable[[FloatArray, Metric, FloatArray, IntArray, FloatArray], Measured]
    by_pairs: bool
    n_groups: Callable[[int], int] = int


def class_distances(
    embeddings: FloatArray, labels: FloatArray, convention: str, metric: Metric = "euclidean"
) -> ClassDistances:
    """Compute the distances under one of CONVENTIONS; a class of fewer than two films is left out.

    embeddings : (n, d).
    labels : (n, C) of {0, 1, NaN}. A film belongs to each class that it is positive for.
    Euclidean in the units of the embeddings; cosine distance 1 - cos, 0..2.

    >>> films = np.array([[0.0, 0.0], [0.0, 2.0], [6.0, 0.0], [6.0, 2.0]])
    >>> distances = class_distances(films, np.array([[1, 0], [1, 0], [0, 1], [0, 1]]), "centroid")
    >>> distances.inter, distances.intra, distances.ratio
    (6.0, 1.0, 6.0)
    """
    labels = checked_labels(labels)
    once = np.ones((1, len(labels)), dtype=np.float32)
    rows = prepared(embeddings, metric)
    chosen = convention_named(convention)
    intra, between = chosen.measure(rows, metric, labels, np.arange(len(labels))[None], once)
    inter, spread, ratio = (float(value[0]) for value in summary(intra, between))
    positive = labels == 1
    counts = positive[:, ~np.isnan(intra[0])].any(axis=1)
    n_films = int(np.count_nonzero(counts))
    return ClassDistances(inter, spread, ratio, n_films, positive.sum(axis=0), intra[0], between[0])


def convention_named(name: str) -> Convention:
    """Find one of CONVENTIONS; CoreError for another name.

    >>> convention_named("centroid").title
    'Class centres'
    """
    return find_by_name(CONVENTIONS, name, "convention of separation")


def summary(intra: FloatArray, between: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compute the (K,) means between pairs of classes, mean within classes, and their ratio; NaN where undefined."""
    first, second = np.triu_indices(intra.shape[1], k=1)
    inter, spread = mean_of_defined(between[:, first, second], axis=1), mean_of_defined(intra, axis=1)
    return inter, spread, ratios(inter, spread)


def _enough(labels: FloatArray, orders: IntArray, weights: FloatArray) -> BoolArray:
    """(K, C) whether two different films are of the class."""
    there = (weights > 0).astype(np.float32)
    positive = (labels == 1).astype(np.float32)
    return np.stack([row @ positive[order] for row, order in zip(there, orders, strict=True)]) > 1.5


def _only_defined(intra: FloatArray, between: FloatArray, enough: BoolArray) -> Measured:
    both = enough[:, :, None] & enough[:, None, :]
    return np.where(enough, intra, np.nan), np.where(both, between, np.nan)


def to_centres(rows: FloatArray, centres: FloatArray, metric: Metric) -> FloatArray:
    """Compute (n, C) distances; rows have length 1 for cosine, centres and centred rows any."""
    products = rows @ centres.T
    if metric == "cosine":
        lengths = np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(centres, axis=1)
        return np.asarray(1 - products / np.maximum(lengths, 1e-12))
    squared = (rows**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * products
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def by_centroids(
    rows: FloatArray, metric: Metric, labels: FloatArray, orders: IntArray, weights: FloatArray
) -> Measured:
    """Measure distances between the mean positions of classes; within, from a film to the mean of its class."""
    n_classes = labels.shape[1]
    intra = np.full((len(orders), n_classes), np.nan)
    between = np.full((len(orders), n_classes, n_classes), np.nan)
    positive, exact = (labels == 1).astype(np.float64), rows.astype(np.float64)
    for version, (order, weight) in enumerate(zip(orders, weights, strict=True)):
        member = positive[order] * weight[:, None]
        sizes = np.maximum(member.sum(axis=0), 1e-12)
        centres = member.T @ exact / sizes[:, None]
        intra[version] = (member * to_centres(exact, centres, metric)).sum(axis=0) / sizes
        between[version] = to_centres(centres, centres, metric)
    return _only_defined(intra, between, _enough(labels, orders, weights))


def by_all_pairs(
    rows: FloatArray, metric: Metric, labels: FloatArray, orders: IntArray, weights: FloatArray
) -> Measured:
    """Measure distances over all pairs of films.

    A film with both labels is of both classes, but no pair with itself.
    """
    means = mean_pair_distances(rows, metric, labels == 1, orders, weights)
    intra = np.diagonal(means, axis1=1, axis2=2)
    return _only_defined(intra, means, _enough(labels, orders, weights))


def by_exclusive_pairs(
    rows: FloatArray, metric: Metric, labels: FloatArray, orders: IntArray, weights: FloatArray
) -> Measured:
    """Measure distances as `by_all_pairs`, but between two classes only of films that have one
    and were read to lack the other.
    """
    n_classes = labels.shape[1]
    present, absent = labels == 1, labels == 0
    only = (present[:, :, None] & absent[:, None, :]).reshape(len(labels), -1)
    groups, place = np.unique(np.concatenate([present, only], axis=1), axis=1, return_inverse=True)
    means = mean_pair_distances(rows, metric, groups, orders, weights)
    place = np.asarray(place).ravel()
    of_class, of_pair = place[:n_classes], place[n_classes:].reshape(n_classes, n_classes)
    between = means[:, of_pair, of_pair.T]
    return _only_defined(means[:, of_class, of_class], between, _enough(labels, orders, weights))


CONVENTIONS: Final[tuple[Convention, ...]] = (
    Convention(
        "centroid",
        "Class centres",
        "Inter: between the mean positions of two classes. Intra: from a film to the mean of its class.",
        by_centroids,
        by_pairs=False,
    ),
    Convention(
        "all_pairs",
        "All pairs",
        "Inter: between any film of one class and any of the other. Intra: between any two films of a class.",
        by_all_pairs,
        by_pairs=True,
    ),
    Convention(
        "exclusive_pairs",
        "Pairs without a shared label",
        "As all pairs, but between two classes only films that have one of them and lack the other are compared.",
        by_exclusive_pairs,
        by_pairs=True,
        n_groups=lambda n_classes: n_classes * n_classes,
    ),
)
"""Every way to measure; the paper's own, with one label per film, is `paper_distances`."""
