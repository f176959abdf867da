"""Labels to look at again: those that a film's neighbours do not support."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray
from core.metrics.neighbours import Metric
from core.space.reviewed import neighbours_among, reviewed_rows

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class LabelSuspect:
    """A label that the neighbours of its film do not support.

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


def label_suspects(
    study: Study, encoder: str, *, split: str = "all", k: int = 15, metric: Metric = "cosine", most: int = 50
) -> LabelReview:
    """The labels whose films look like those that have the other label."""
    rows = reviewed_rows(study, split)
    found = neighbours_among(study, encoder, rows, k, metric).rows
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
