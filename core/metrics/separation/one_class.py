"""One class against the films that lack it, in the original space: five figures, each with interval and null."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, BoolArray, FloatArray, IntArray, checked_labels, ratios
from core.metrics.bootstrap import patient_weights, resample_auroc
from core.metrics.intervals import Interval, not_estimable, percentile_interval
from core.metrics.neighbours import Metric, nearest, patient_groups, prepared
from core.metrics.ranking import roc_auc
from core.metrics.separation.intervals import basic_interval
from core.metrics.separation.linear import cross_validated_scores
from core.metrics.separation.null import NullBand, null_band, patient_shuffles
from core.metrics.separation.spread import davies_bouldin, fisher_ratio, neighbour_purity, silhouettes


@dataclass(frozen=True)
class Figure:
    """A value, its 95 % interval over resampled patients, and what it is where labels say nothing.

    null : None for the linear classifier, whose chance is 0.5.
    """

    value: float
    interval: Interval
    null: NullBand | None = None


@dataclass(frozen=True)
class ClassSeparation:
    """One class one-vs-rest among the films that were read for it; NaN and "not estimable" under 5 on either side.

    silhouette : mean over its films of (distance to the others - distance to its own) / the larger, -1..1.
    fisher_ratio : squared distance of the two means over the summed variances; 0 = the same mean.
    davies_bouldin : summed mean distances to the two centres over the distance of the centres; lower = separated.
    purity : of the k nearest films of other patients, the share that has the class, mean over its films; chance is
    the prevalence.  linear_auroc : of a linear classifier on films of patients that it has not seen; chance is 0.5.
    """

    finding: str
    n_positive: int
    n_read: int
    prevalence: float
    silhouette: Figure
    fisher_ratio: Figure
    davies_bouldin: Figure
    purity: Figure
    linear_auroc: Figure


def separate_classes(
    embeddings: FloatArray,
    labels: FloatArray,
    classes: Sequence[str],
    patients: Sequence[str],
    *,
    k: int = 15,
    metric: Metric = "euclidean",
    n_shuffles: int = 200,
    n_resamples: int = 200,
    seed: int = 0,
) -> tuple[ClassSeparation, ...]:
    """Every class against the rest, in class order. embeddings (n, d), labels (n, C) of {0, 1, NaN}.

    Fisher's ratio, Davies-Bouldin and the linear classifier are of the embeddings as they are, or of rows of length 1
    where the metric is cosine. Silhouettes compare all pairs of films: of many thousand films hand in a sample.
    """
    labels, rows = checked_labels(labels), prepared(embeddings, metric)
    rng = np.random.default_rng(seed)
    shuffles, weights = patient_shuffles(patients, n_shuffles, rng), patient_weights(patients, n_resamples, rng)
    neighbours = nearest(embeddings, k, metric=metric, groups=patient_groups(patients)).rows
    scores = cross_validated_scores(rows, labels, patients, rng=rng)
    space = _Space(rows, metric, neighbours, shuffles, weights)
    return tuple(
        _one_class(finding, space, labels[:, index], scores[:, index]) for index, finding in enumerate(classes)
    )


@dataclass(frozen=True, eq=False)
class _Space:
    rows: FloatArray
    metric: Metric
    neighbours: IntArray
    shuffles: IntArray
    weights: FloatArray


def _one_class(finding: str, space: _Space, labels: FloatArray, scores: FloatArray) -> ClassSeparation:
    read = ~np.isnan(labels)
    n_positive, n_read = int((labels == 1).sum()), int(read.sum())
    prevalence = n_positive / n_read if n_read else math.nan
    if min(n_positive, n_read - n_positive) < MIN_POSITIVES:
        nothing = (Figure(math.nan, not_estimable(n_positive)),) * 5
        return ClassSeparation(finding, n_positive, n_read, prevalence, *nothing)
    # a film that takes over the labels of an unread one is left out of that shuffle
    versions = np.vstack([labels[None], labels[space.shuffles]])
    member, there = versions == 1, ~np.isnan(versions)
    return ClassSeparation(
        finding,
        n_positive,
        n_read,
        prevalence,
        _per_film(silhouettes(space.rows, space.metric, member, there), space.weights, labels == 1),
        _moments(fisher_ratio, space, member, there, power=1),
        _moments(davies_bouldin, space, member, there, power=-2),
        _per_film(neighbour_purity(space.neighbours, member, there), space.weights, labels == 1),
        _linear(labels, scores, space.weights),
    )


def _per_film(values: tuple[FloatArray, FloatArray], weights: FloatArray, positive: BoolArray) -> Figure:
    """A mean over positive films: values are (n,) of each film as it is, and (1 + K,) means of every version."""
    of_film, means = values
    defined = positive & ~np.isnan(of_film)
    chosen = weights[:, defined].astype(np.float64)
    total = chosen.sum(axis=1)
    resampled = ratios(chosen @ of_film[defined], total)
    interval = percentile_interval(resampled, int(positive.sum()))
    return Figure(float(means[0]), interval, null_band(float(means[0]), means[1:]))


def _moments(
    figure: Callable[[FloatArray, Metric, BoolArray, FloatArray], FloatArray],
    space: _Space,
    member: BoolArray,
    there: BoolArray,
    *,
    power: int,
) -> Figure:
    """A figure of means and spreads, recomputed for every version and every resample; power as of `basic_interval`."""
    shuffled = figure(space.rows, space.metric, member, there.astype(np.float32))
    resampled = figure(
        space.rows, space.metric, np.broadcast_to(member[0], space.weights.shape), there[0] * space.weights
    )
    value = float(shuffled[0])
    interval = basic_interval(value, resampled, int(member[0].sum()), power=power)
    return Figure(value, interval, null_band(value, shuffled[1:], larger_is_separated=power > 0))


def _linear(labels: FloatArray, scores: FloatArray, weights: FloatArray) -> Figure:
    scored = np.where(np.isnan(scores), np.nan, labels)
    filled = np.nan_to_num(scores)
    value = roc_auc(scored, filled)
    resampled = resample_auroc(scored[:, None], filled[:, None], weights)[:, 0]
    return Figure(value, percentile_interval(resampled, int((scored == 1).sum())))
