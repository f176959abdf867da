"""Class distances over pairs of films where there are too many for all pairs: disjoint random parts, with the error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels, mean_of_defined
from core.metrics.intervals import Interval
from core.metrics.neighbours import Metric, prepared
from core.metrics.separation.conventions import class_distances, convention_named, summary
from core.metrics.separation.distances import ClassDistances

EXACT_UP_TO: Final = 20_000
"""Films up to which all pairs are compared."""
N_PARTS: Final = 16
MOST_IN_PART: Final = 5_000
RARE: Final = 160
"""A class with fewer films has all of them in every part: dealt out, 10 a part or fewer."""
_T15: Final = 2.131
"""Student's t with 15 degrees of freedom, two-sided 95 %."""


@dataclass(frozen=True)
class Sampled:
    """How a figure was estimated: over pairs within disjoint random parts, and with all films of rare classes.

    n_films : that were compared, in n_parts parts.  error : the standard error of inter / intra.
    """

    n_films: int
    n_parts: int
    error: float

    def interval(self, ratio: float) -> Interval:
        """The 95 % interval of inter / intra from the spread of the parts."""
        half = _T15 * self.error
        return Interval(ratio - half, ratio + half, self.n_films, is_estimable=not math.isnan(half))


def patient_parts(patients: Sequence[str], rng: np.random.Generator) -> list[IntArray]:
    """Rows of N_PARTS disjoint random parts of at most MOST_IN_PART films; all films of a patient are in one part."""
    _, of_film = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
    part_of_patient = rng.permutation(int(of_film.max()) + 1) % N_PARTS
    of_part = part_of_patient[of_film]
    return [np.sort(rng.permutation(np.flatnonzero(of_part == number))[:MOST_IN_PART]) for number in range(N_PARTS)]


def sampled_distances(
    embeddings: FloatArray,
    labels: FloatArray,
    parts: Sequence[IntArray],
    convention: str,
    metric: Metric = "euclidean",
) -> tuple[ClassDistances, Sampled]:
    """Every class's and pair's mean over the parts, inter and intra from those, and what was sampled.

    A part would hold few films of a rare class or none, so that all films of classes with fewer than RARE are compared
    within every part. Arguments as of `class_distances`.
    """
    labels = checked_labels(labels)
    rare = _rare_rows(labels)
    found = [_class_distances(embeddings, _part(labels, rows, rare), convention, metric) for rows in parts]
    intra = np.stack([part.intra_per_class for part in found])
    between = np.stack([part.between for part in found])
    mean = mean_of_defined(intra, axis=0), mean_of_defined(between, axis=0)
    inter, spread, ratio = (float(value[0]) for value in summary(mean[0][None], mean[1][None]))
    rows = np.union1d(np.concatenate(parts), rare)
    positive = labels[rows] == 1
    n_films = int(positive[:, ~np.isnan(mean[0])].any(axis=1).sum())
    whole = ClassDistances(inter, spread, ratio, n_films, positive.sum(axis=0), *mean)
    error = math.hypot(
        _error_of_parts(intra, between), _error_of_rare(embeddings, labels, parts, rare, convention, metric)
    )
    return whole, Sampled(len(rows), len(parts), error)


@dataclass(frozen=True, eq=False)
class _Part:
    """rows : films, ascending.  labels : (len(rows), C) theirs."""

    rows: IntArray
    labels: FloatArray


def _rare_rows(labels: FloatArray) -> IntArray:
    """The films of all classes with fewer than RARE films, ascending."""
    return np.flatnonzero((labels[:, _is_rare(labels)] == 1).any(axis=1))


def _is_rare(labels: FloatArray) -> BoolArray:
    return np.asarray(np.count_nonzero(labels == 1, axis=0) < RARE)


def _part(labels: FloatArray, rows: IntArray, rare: IntArray) -> _Part:
    """A part with all films of rare classes; those it did not have by itself do not count to other classes."""
    every = np.union1d(rows, rare)
    own = labels[every]
    added = ~np.isin(every, rows)
    own[(added[:, None] & ~_is_rare(labels)[None]) & (own == 1)] = np.nan
    return _Part(every, own)


def _class_distances(embeddings: FloatArray, part: _Part, convention: str, metric: Metric) -> ClassDistances:
    return class_distances(embeddings[part.rows], part.labels, convention, metric)


def _error_of_parts(intra: FloatArray, between: FloatArray) -> float:
    """The standard error of the ratio, by leaving out one part after the other; NaN where that leaves nothing."""
    every = np.arange(len(intra))
    left = [
        (mean_of_defined(intra[every != out], axis=0), mean_of_defined(between[every != out], axis=0)) for out in every
    ]
    return jackknife_error(summary(np.stack([one for one, _ in left]), np.stack([other for _, other in left]))[2])


def _error_of_rare(
    embeddings: FloatArray,
    labels: FloatArray,
    parts: Sequence[IntArray],
    rare: IntArray,
    convention: str,
    metric: Metric,
) -> float:
    """What the choice of the rare classes' films adds, by leaving out those of one part after the other."""
    if not len(rare):
        return 0.0
    group = np.arange(len(rare)) % len(parts)
    for number, films in enumerate(parts):
        group[np.isin(rare, films)] = number
    part = _part(labels, parts[0], rare)
    weights = np.ones((len(parts), len(part.rows)), dtype=np.float32)
    weights[group, np.searchsorted(part.rows, rare)] = 0
    orders = np.broadcast_to(np.arange(len(part.rows)), weights.shape)
    measure, rows = convention_named(convention).measure, prepared(embeddings[part.rows], metric)
    return jackknife_error(summary(*measure(rows, metric, part.labels, orders, weights))[2])


def jackknife_error(left_out: FloatArray) -> float:
    """The standard error of a figure from its values (k,) without one of k groups each; NaN with fewer than two.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 11.2.
    """
    defined = left_out[~np.isnan(left_out)]
    if len(defined) < 2:
        return math.nan
    return math.sqrt((len(defined) - 1) * float(defined.var()))
