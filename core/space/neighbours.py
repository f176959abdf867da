"""A film's nearest films in the original space, and whether they carry the same labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.count_intervals import ShareSums, share_interval
from core.metrics.intervals import Interval, not_estimable
from core.metrics.neighbours import Metric, nearest, nearest_to, patient_groups
from core.metrics.patients import number_patients

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class FilmNeighbour:
    """A film near to another.

    distance : in the original space; cosine 0..2, or Euclidean in the units of the embeddings.
    shared, only_here, only_there : positive classes of both, of the film asked about only, of the neighbour only.
    """

    image_id: str
    row: int
    distance: float
    same_patient: bool
    shared: tuple[str, ...]
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]


@dataclass(frozen=True)
class Agreement:
    """How often the nearest films of other patients share a positive label with a film.

    share : mean over films, 0..1; NaN where no film has a positive label and a film of another patient to compare with.
    expected : the same for films of other patients drawn at random.  n_films : films that count, which the interval
    is based on.
    """

    share: float
    expected: float
    interval: Interval
    n_films: int


def film_neighbours(
    study: Study, encoder: str, row: int, *, k: int = 10, metric: Metric = "cosine"
) -> tuple[FilmNeighbour, ...]:
    """The k films nearest to one, nearest first, itself left out."""
    embeddings = study.image_embeddings(encoder)
    found = nearest_to(embeddings, embeddings[row], k, metric=metric, without=row)
    pairs = zip(found.rows[0], found.distances[0], strict=True)
    return tuple(_neighbour(study, row, int(other), float(far)) for other, far in pairs)


def agreement_of(study: Study, encoder: str, rows: IntArray, *, k: int = 10, metric: Metric = "cosine") -> Agreement:
    """Over the selected rows: do their k nearest films of other patients share a label?"""
    positive = study.labels == 1
    chosen = np.asarray(rows)[positive[rows].any(axis=1)]
    groups = patient_groups(study.images["patient_id"])
    found = nearest(study.image_embeddings(encoder), k, metric=metric, queries=chosen, groups=groups)
    has_any = (found.rows >= 0).any(axis=1)
    chosen, near = chosen[has_any], found.rows[has_any]
    if not len(chosen):
        return Agreement(math.nan, math.nan, not_estimable(0), 0)
    shares = (positive[chosen][:, None, :] & positive[near]).any(axis=2) & (near >= 0)
    per_film = shares.sum(axis=1) / (near >= 0).sum(axis=1)
    expected = float(_chance(positive, chosen, groups).mean())
    # a film's neighbours are one another's neighbours too, so that films are counted, not pairs
    return Agreement(float(per_film.mean()), expected, _interval(per_film, groups[chosen]), len(chosen))


def _interval(per_film: FloatArray, groups: IntArray) -> Interval:
    """Of the mean (n,) share, a patient's films taken together."""
    patients = number_patients(groups.astype(str).tolist(), len(groups))
    own, every = patients.sums(per_film), patients.sums(np.ones(len(per_film)))
    sums = ShareSums(float(own.sum()), float(every.sum()), float(own @ own), float(own @ every), float(every @ every))
    return share_interval(sums, len(per_film))


def _chance(positive: BoolArray, chosen: IntArray, groups: IntArray) -> FloatArray:
    """For each chosen film the share of other patients' films that have one of its labels."""
    kinds, of_film = np.unique(positive, axis=0, return_inverse=True)
    of_film = of_film.ravel()
    number = np.bincount(of_film, minlength=len(kinds))
    meets = (kinds.astype(np.float32) @ kinds.T.astype(np.float32)) > 0
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], groups[chosen], side="left")
    ends = np.searchsorted(groups[order], groups[chosen], side="right")
    own = [
        np.count_nonzero(meets[of_film[film], of_film[order[start:end]]])
        for film, start, end in zip(chosen, starts, ends, strict=True)
    ]
    return np.asarray(((meets @ number)[of_film[chosen]] - own) / (len(positive) - (ends - starts)))


def _neighbour(study: Study, row: int, other: int, distance: float) -> FilmNeighbour:
    here, there = study.labels[row] == 1, study.labels[other] == 1
    patients = study.images["patient_id"]
    return FilmNeighbour(
        study.image_ids[other],
        other,
        distance,
        bool(patients.iloc[row] == patients.iloc[other]),
        _named(study, here & there),
        _named(study, here & ~there),
        _named(study, there & ~here),
    )


def _named(study: Study, chosen: BoolArray) -> tuple[str, ...]:
    return tuple(name for name, yes in zip(study.classes, chosen, strict=True) if yes)
