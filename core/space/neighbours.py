"""A film's nearest films in the original space, and whether they carry the same labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import BoolArray, IntArray
from core.metrics.intervals import Interval, not_estimable, wilson_of_share
from core.metrics.neighbours import Metric, nearest, patient_groups

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

    share : mean over films, 0..1; NaN where no film has a positive label.  expected : the same for films drawn at
    random.  n_films : films with a positive label, which the interval stands on.
    """

    share: float
    expected: float
    interval: Interval
    n_films: int


def film_neighbours(
    study: Study, encoder: str, row: int, *, k: int = 10, metric: Metric = "cosine", rows: IntArray | None = None
) -> tuple[FilmNeighbour, ...]:
    """The k films nearest to one, nearest first, itself left out; among `rows` where given."""
    among = np.arange(len(study.image_ids)) if rows is None else np.union1d(rows, [row])
    here = int(np.searchsorted(among, row))
    embeddings = np.asarray(study.image_embeddings(encoder))[among]
    found = nearest(embeddings, k, metric=metric, queries=np.array([here]))
    pairs = zip(found.rows[0], found.distances[0], strict=True)
    return tuple(_neighbour(study, row, int(among[place]), float(far)) for place, far in pairs if place >= 0)


def agreement_of(study: Study, encoder: str, rows: IntArray, *, k: int = 10, metric: Metric = "cosine") -> Agreement:
    """Over the selected rows: do their k nearest films of other patients share a label?"""
    positive = study.labels == 1
    chosen = np.asarray(rows)[positive[rows].any(axis=1)]
    if not len(chosen):
        return Agreement(math.nan, math.nan, not_estimable(0), 0)
    groups = patient_groups(study.images["patient_id"])
    found = nearest(study.image_embeddings(encoder), k, metric=metric, queries=chosen, groups=groups)
    shares = (positive[chosen][:, None, :] & positive[found.rows]).any(axis=2) & (found.rows >= 0)
    per_film = shares.sum(axis=1) / np.maximum((found.rows >= 0).sum(axis=1), 1)
    mean = float(per_film.mean())
    expected = float(_chance(positive, chosen).mean())
    # a film's neighbours are one another's neighbours too, so that films are counted, not pairs
    interval = wilson_of_share(mean, len(chosen)) if len(chosen) >= 5 else not_estimable(len(chosen))
    return Agreement(mean, expected, interval, len(chosen))


def _chance(positive: BoolArray, chosen: IntArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """For each chosen film the share of all films that have one of its labels."""
    kinds, of_film = np.unique(positive, axis=0, return_inverse=True)
    number = np.bincount(of_film.ravel(), minlength=len(kinds))
    meets = (kinds.astype(np.float32) @ kinds.T.astype(np.float32)) > 0
    return (meets @ number)[of_film.ravel()[chosen]] / len(positive)


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
