"""Films to look at again: labels that their neighbours do not bear out, near-duplicates, outliers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray
from core.metrics.neighbours import Metric, Neighbours, nearest, patient_groups, prepared

if TYPE_CHECKING:
    from core.study import Study

EXACT_UP_TO: Final = 20_000
"""Films that are compared with all others; of more, a random sample of as many is reviewed, among itself."""


@dataclass(frozen=True)
class LabelSuspect:
    """A label that the neighbours of its film do not bear out.

    label : 0 or 1, as stored.  n_positive of n_neighbours : nearest films of other patients with the class.
    log_odds : how much likelier the other label is, given what neighbours of either kind of film usually are; above 0
    = the other is likelier. Neighbours are taken as independent, so it ranks films and is no probability.
    """

    image_id: str
    row: int
    finding: str
    label: int
    n_positive: int
    n_neighbours: int
    log_odds: float


@dataclass(frozen=True)
class LabelReview:
    """What a review found.

    suspects : most suspect first.  silent : classes of which neighbours say nothing, or with under 5 films on either
    side.  n_reviewed : of n_films.
    """

    suspects: tuple[LabelSuspect, ...]
    silent: tuple[str, ...]
    n_reviewed: int
    n_films: int


@dataclass(frozen=True)
class NearDuplicate:
    """Two films that are almost the same.

    distance : between them, in the original space.  relative : over the median distance of a film to its nearest; 0 =
    the same.  labels_differ : classes that both were read for, with another result.
    """

    first: str
    second: str
    distance: float
    relative: float
    same_patient: bool
    same_split: bool
    labels_differ: tuple[str, ...]


@dataclass(frozen=True)
class Outlier:
    """A film that is far from all others.

    relative : its mean distance to its nearest films over what that is for those; 1 = as near as they are.
    """

    image_id: str
    row: int
    relative: float


def reviewed_rows(study: Study, split: str, *, seed: int = 0) -> IntArray:
    """The rows of a split that are reviewed, ascending."""
    rows = study.rows(split)
    if len(rows) <= EXACT_UP_TO:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, EXACT_UP_TO, replace=False))


def label_suspects(
    study: Study, encoder: str, *, split: str = "all", k: int = 15, metric: Metric = "cosine", most: int = 50
) -> LabelReview:
    """The labels whose films look like those that have the other label."""
    rows = reviewed_rows(study, split)
    found = _neighbours(study, encoder, rows, k, metric).rows
    suspects: list[LabelSuspect] = []
    silent: list[str] = []
    for index, finding in enumerate(study.classes):
        labels = study.labels[rows, index]
        odds, n_positive, n_read = label_odds(labels, found)
        if np.isnan(odds).all():
            silent.append(finding)
        for place in np.flatnonzero(odds > 0):
            row, label = int(rows[place]), int(labels[place])
            counts = int(n_positive[place]), int(n_read[place])
            suspects.append(LabelSuspect(study.image_ids[row], row, finding, label, *counts, float(odds[place])))
    suspects.sort(key=lambda entry: (-entry.log_odds, entry.row))
    return LabelReview(tuple(suspects[:most]), tuple(silent), len(rows), len(study.rows(split)))


def label_odds(labels: FloatArray, neighbours: IntArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Log odds (n,) of the other label, and how many of the neighbours that were read are positive, of how many.

    labels : (n,) of {0, 1, NaN}.  neighbours : (n, k), -1 = none. Bayes' rule with the shares of positive neighbours
    that films with and without the class usually have. NaN for films that were not read, and for all where a class has
    under 5 films on either side, or where positive films have no more positive neighbours than others.
    """
    near = np.where(neighbours >= 0, labels[neighbours], np.nan)
    n_read, n_positive = (~np.isnan(near)).sum(axis=1), (near == 1).sum(axis=1)
    own, others = labels == 1, labels == 0
    nothing = np.full(len(labels), np.nan)
    if min(own.sum(), others.sum()) < MIN_POSITIVES:
        return nothing, n_positive, n_read
    shares = [(n_positive[side].sum() + 0.5) / (n_read[side].sum() + 1) for side in (own, others)]
    if shares[0] <= shares[1]:
        return nothing, n_positive, n_read
    by_positive = math.log(shares[0] / shares[1])
    by_negative = math.log((1 - shares[0]) / (1 - shares[1]))
    prior = math.log(own.sum() / others.sum())
    for_class = prior + n_positive * by_positive + (n_read - n_positive) * by_negative
    return np.where(own, -for_class, np.where(others, for_class, np.nan)), n_positive, n_read


def near_duplicates(
    study: Study, encoder: str, *, split: str = "all", metric: Metric = "cosine", within: float = 0.5, most: int = 50
) -> tuple[NearDuplicate, ...]:
    """Pairs nearer than `within` times the usual distance to the nearest film, nearest first."""
    rows = reviewed_rows(study, split)
    embeddings = np.asarray(study.image_embeddings(encoder)[rows])
    found = nearest(embeddings, 5, metric=metric)
    usual = float(np.nanmedian(found.distances[:, 0])) if len(rows) > 1 else math.nan
    close = found.distances <= within * usual
    pairs = {(min(a, b), max(a, b)) for a, b in zip(np.nonzero(close)[0], found.rows[close], strict=True)}
    exact = prepared(embeddings, metric).astype(np.float64)
    ranked = sorted((_distance(exact, int(a), int(b), metric), int(a), int(b)) for a, b in pairs)
    return tuple(_duplicate(study, int(rows[a]), int(rows[b]), far, usual) for far, a, b in ranked[:most])


def outliers(
    study: Study, encoder: str, *, split: str = "all", k: int = 15, metric: Metric = "cosine", most: int = 50
) -> tuple[Outlier, ...]:
    """The films farthest from their nearest of other patients, measured by what is usual there, farthest first.

    Source: the local outlier factor of Breunig et al., SIGMOD 2000, with plain distances.
    """
    rows = reviewed_rows(study, split)
    found = _neighbours(study, encoder, rows, k, metric)
    own = _mean_of_defined(found.distances)
    around = _mean_of_defined(np.where(found.rows >= 0, own[found.rows], np.nan))
    relative = np.divide(own, around, out=np.full(len(own), np.nan), where=around > 0)
    order = np.argsort(-np.nan_to_num(relative, nan=-1.0), kind="stable")[:most]
    return tuple(
        Outlier(study.image_ids[rows[place]], int(rows[place]), float(relative[place]))
        for place in order
        if relative[place] > 1
    )


def _neighbours(study: Study, encoder: str, rows: IntArray, k: int, metric: Metric) -> Neighbours:
    """Among the reviewed films, places of the same patient left out."""
    groups = patient_groups(study.images["patient_id"].to_numpy()[rows])
    return nearest(study.image_embeddings(encoder)[rows], k, metric=metric, groups=groups)


def _mean_of_defined(values: FloatArray) -> FloatArray:
    defined = ~np.isnan(values)
    number = defined.sum(axis=1)
    total = np.where(defined, values, 0).sum(axis=1)
    return np.divide(total, number, out=np.full(len(values), np.nan), where=number > 0)


def _distance(rows: FloatArray, first: int, second: int, metric: Metric) -> float:
    gap = float(((rows[first] - rows[second]) ** 2).sum())
    return gap / 2 if metric == "cosine" else math.sqrt(gap)


def _duplicate(study: Study, first: int, second: int, distance: float, usual: float) -> NearDuplicate:
    patients, splits, labels = study.images["patient_id"], study.images["split"], study.labels
    differ = (labels[first] != labels[second]) & ~np.isnan(labels[first]) & ~np.isnan(labels[second])
    return NearDuplicate(
        study.image_ids[first],
        study.image_ids[second],
        distance,
        distance / usual if usual else 0.0,
        bool(patients.iloc[first] == patients.iloc[second]),
        bool(splits.iloc[first] == splits.iloc[second]),
        tuple(name for name, yes in zip(study.classes, differ, strict=True) if yes),
    )
