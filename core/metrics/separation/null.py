"""Is a separation more than chance? The same figure with labels dealt out anew, and intervals by patient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray, checked_labels
from core.metrics.bootstrap import patient_weights
from core.metrics.intervals import Interval, percentile_interval
from core.metrics.neighbours import Metric, prepared
from core.metrics.separation.conventions import convention_named, summary
from core.metrics.separation.intervals import basic_interval


@dataclass(frozen=True)
class NullBand:
    """What a figure is where labels say nothing: 2.5 %, 50 % and 97.5 % of it over shuffled labels.

    p_value : share of shuffles at least as separated as the labels are, the labels themselves counted among them: 1 /
        (n_shuffles + 1) at least. All NaN where the figure is undefined.
    """

    low: float
    median: float
    high: float
    p_value: float
    n_shuffles: int


@dataclass(frozen=True, eq=False)
class PairSeparation:
    """Every pair of classes. All (C, C), symmetric, NaN on the diagonal and where a class has too few films.

    ratio : distance between two classes over the mean distance within them.
    low, high : its null band, 2.5 % to 97.5 %.
    p_value : under its null: labels dealt out anew among the films that have one of the two.
    n_only : (C, C) int, films of the row's class without the column's.
    """

    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    n_only: IntArray

    @property
    def n_pairs(self) -> int:
        """Count the pairs that were tested."""
        return int(np.count_nonzero(np.isfinite(self.p_value))) // 2

    def n_below(self, level: float) -> int:
        """Count the pairs with a p-value below a level; by chance alone n_pairs x level would be."""
        return int(np.count_nonzero(self.p_value < level)) // 2


def patient_shuffles(patients: Sequence[str], n_shuffles: int, rng: np.random.Generator) -> IntArray:
    """Draw (n_shuffles, n) orders: film i is given the labels of film orders[k, i].

    Patients are exchanged whole, each with one of as many films, so that films of one patient, which are alike in
    labels and in looks, do not feign a separation.
    """
    _, of_film, sizes = np.unique(np.asarray(patients, dtype=str), return_inverse=True, return_counts=True)
    by_patient = np.argsort(of_film, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    orders = np.empty((n_shuffles, len(of_film)), dtype=np.int64)
    for size in np.unique(sizes):
        films = by_patient[starts[sizes == size][:, None] + np.arange(size)]
        for order in orders:
            order[films] = films[rng.permutation(len(films))]
    return orders


def null_band(observed: float, shuffled: FloatArray, *, larger_is_separated: bool = True) -> NullBand:
    """Compute the band of a figure from its value and those under shuffled labels (n_shuffles,)."""
    defined = shuffled[np.isfinite(shuffled)]
    if math.isnan(observed) or not defined.size:
        return NullBand(math.nan, math.nan, math.nan, math.nan, len(shuffled))
    low, median, high = (float(value) for value in np.quantile(defined, [0.025, 0.5, 0.975]))
    gap = (defined - observed) if larger_is_separated else (observed - defined)
    as_extreme = int(np.count_nonzero(gap >= -1e-6 * abs(observed)))  # equal but for rounding
    return NullBand(low, median, high, (1 + as_extreme) / (1 + defined.size), len(shuffled))


def ratio_null(
    embeddings: FloatArray,
    labels: FloatArray,
    patients: Sequence[str],
    convention: str,
    metric: Metric,
    *,
    n_shuffles: int,
    rng: np.random.Generator,
) -> NullBand:
    """Compute the null band of inter / intra: whole rows of labels are dealt out anew,
    so that labels keep their company.
    """
    labels, rows = checked_labels(labels), prepared(embeddings, metric)
    orders = np.vstack([np.arange(len(labels))[None], patient_shuffles(patients, n_shuffles, rng)])
    once = np.ones(orders.shape, dtype=np.float32)
    ratios = summary(*convention_named(convention).measure(rows, metric, labels, orders, once))[2]
    return null_band(float(ratios[0]), ratios[1:])


def ratio_interval(
    embeddings: FloatArray,
    labels: FloatArray,
    patients: Sequence[str],
    convention: str,
    metric: Metric,
    *,
    n_resamples: int,
    rng: np.random.Generator,
) -> Interval:
    """Compute the 95 % interval of inter / intra over resampled patients; not estimable below 5 films.

    Percentiles where pairs of films are compared; where class centres are, which a resample drives apart, the basic
    interval of the squared ratio.
    """
    labels, rows, chosen = checked_labels(labels), prepared(embeddings, metric), convention_named(convention)
    once = np.ones((1, len(labels)), dtype=np.float32)
    weights = np.vstack([once, patient_weights(patients, n_resamples, rng)])
    orders = np.broadcast_to(np.arange(len(labels)), weights.shape)
    ratios = summary(*chosen.measure(rows, metric, labels, orders, weights))[2]
    n_films = int(np.count_nonzero((labels == 1).any(axis=1)))
    if chosen.by_pairs:
        return percentile_interval(ratios[1:], n_films)
    return basic_interval(float(ratios[0]), ratios[1:], n_films, power=2)


def pair_separation(
    embeddings: FloatArray,
    labels: FloatArray,
    patients: Sequence[str],
    convention: str,
    metric: Metric,
    *,
    n_shuffles: int,
    rng: np.random.Generator,
) -> PairSeparation:
    """Test every two classes against each other; those with fewer than 5 films of their own alone are left out."""
    labels, rows = checked_labels(labels), prepared(embeddings, metric)
    n_classes = labels.shape[1]
    ratio, low, high, p_value = (np.full((n_classes, n_classes), np.nan) for _ in range(4))
    n_only = ((labels == 1).astype(np.int64).T @ (labels == 0)).astype(np.int64)
    of_film = np.asarray(patients, dtype=str)
    for first, second in zip(*np.triu_indices(n_classes, k=1), strict=True):
        if min(n_only[first, second], n_only[second, first]) < MIN_POSITIVES:
            continue
        two = labels[:, [first, second]]
        there = np.flatnonzero((two == 1).any(axis=1) & ~np.isnan(two).any(axis=1))
        observed, band = _pair(rows[there], two[there], of_film[there], convention, metric, n_shuffles, rng)
        for i, j in ((first, second), (second, first)):
            ratio[i, j], low[i, j], high[i, j], p_value[i, j] = observed, band.low, band.high, band.p_value
    return PairSeparation(ratio, low, high, p_value, n_only)


def _pair(
    rows: FloatArray,
    labels: FloatArray,
    patients: np.ndarray[tuple[int], np.dtype[np.str_]],
    convention: str,
    metric: Metric,
    n_shuffles: int,
    rng: np.random.Generator,
) -> tuple[float, NullBand]:
    """The ratio of two classes and its band; films with both keep both."""
    movable = np.flatnonzero(labels.sum(axis=1) == 1)
    orders = np.tile(np.arange(len(labels)), (n_shuffles + 1, 1))
    orders[1:, movable] = movable[patient_shuffles(patients[movable].tolist(), n_shuffles, rng)]
    once = np.ones(orders.shape, dtype=np.float32)
    ratios = summary(*convention_named(convention).measure(rows, metric, labels, orders, once))[2]
    return float(ratios[0]), null_band(float(ratios[0]), ratios[1:])
