"""Do the classes of a study separate? Measured in an encoder's original space, with intervals and a null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.intervals import Interval
from core.metrics.neighbours import Metric
from core.metrics.separation import ClassDistances, paper_distances
from core.metrics.separation_conventions import class_distances, convention_named
from core.metrics.separation_null import NullBand, PairSeparation, pair_separation, ratio_interval, ratio_null
from core.metrics.separation_one_class import ClassSeparation, separate_classes
from core.metrics.separation_sampled import EXACT_UP_TO, Sampled, patient_parts, sampled_distances

if TYPE_CHECKING:
    from core.study import Study

MOST_ONE_CLASS = 5_000
"""Films up to which one class is set against the rest with all of them; above, a random part of as many."""


@dataclass(frozen=True, eq=False)
class Separation:
    """The classes of one encoder's films under one convention.

    null : of inter / intra.  interval : of inter / intra, patients resampled.  pairs : class by class.
    sampled : None where the distances are exact. Where they are not, null and pairs are of one part of 5,000 films at
    most, and the interval comes from the spread of the parts.
    """

    encoder: str
    convention: str
    metric: Metric
    classes: tuple[str, ...]
    distances: ClassDistances
    null: NullBand
    interval: Interval
    pairs: PairSeparation
    sampled: Sampled | None


def paper_separation_of(study: Study, encoder: str, split: str) -> ClassDistances:
    """The published inter, intra and ratio: one hard label a film, Euclidean."""
    rows = study.rows(split)
    return paper_distances(np.asarray(study.image_embeddings(encoder)[rows]), study.labels[rows])


def separation_of(
    study: Study,
    encoder: str,
    split: str,
    convention: str = "centroid",
    metric: Metric = "euclidean",
    *,
    n_shuffles: int = 200,
    n_resamples: int = 200,
    seed: int = 0,
) -> Separation:
    """Distances, null band, interval and pairs; about a second for 600 films, more by the square of their number."""
    rows, rng = study.rows(split), np.random.default_rng(seed)
    embeddings, labels, patients = _films(study, encoder, rows)
    if convention_named(convention).by_pairs and len(rows) > EXACT_UP_TO:
        parts = patient_parts(patients, rng)
        distances, sampled = sampled_distances(embeddings, labels, parts, convention, metric)
        embeddings, labels, patients = _films(study, encoder, rows[parts[0]])
        interval = sampled.interval(distances.ratio)
    else:
        distances, sampled = class_distances(embeddings, labels, convention, metric), None
        interval = ratio_interval(embeddings, labels, patients, convention, metric, n_resamples=n_resamples, rng=rng)
    null = ratio_null(embeddings, labels, patients, convention, metric, n_shuffles=n_shuffles, rng=rng)
    pairs = pair_separation(embeddings, labels, patients, convention, metric, n_shuffles=n_shuffles, rng=rng)
    return Separation(encoder, convention, metric, study.classes, distances, null, interval, pairs, sampled)


def class_separation_of(
    study: Study,
    encoder: str,
    split: str,
    *,
    k: int = 15,
    metric: Metric = "euclidean",
    n_shuffles: int = 200,
    n_resamples: int = 200,
    seed: int = 0,
) -> tuple[ClassSeparation, ...]:
    """Every class against the rest. Of more than MOST_ONE_CLASS films a random sample of as many is taken."""
    rows = study.rows(split)
    if len(rows) > MOST_ONE_CLASS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ONE_CLASS, replace=False))
    embeddings, labels, patients = _films(study, encoder, rows)
    return separate_classes(
        embeddings,
        labels,
        study.classes,
        patients,
        k=k,
        metric=metric,
        n_shuffles=n_shuffles,
        n_resamples=n_resamples,
        seed=seed,
    )


def _films(study: Study, encoder: str, rows: IntArray) -> tuple[FloatArray, FloatArray, list[str]]:
    patients = study.images["patient_id"].to_numpy()[rows]
    return np.asarray(study.image_embeddings(encoder)[rows]), study.labels[rows], [str(name) for name in patients]
