"""Films to look at again: near-duplicates and outliers; suspicious labels are those of `label_review`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import FloatArray, mean_of_defined, ratios
from core.metrics.neighbours import Metric, nearest, prepared
from core.space.reviewed import neighbours_among, reviewed_rows

if TYPE_CHECKING:
    from core.study import Study


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
    found = neighbours_among(study, encoder, rows, k, metric)
    own = mean_of_defined(found.distances, axis=1)
    around = mean_of_defined(np.where(found.rows >= 0, own[found.rows], np.nan), axis=1)
    relative = ratios(own, around)
    order = np.argsort(-np.nan_to_num(relative, nan=-1.0), kind="stable")[:most]
    return tuple(
        Outlier(study.image_ids[rows[place]], int(rows[place]), float(relative[place]))
        for place in order
        if relative[place] > 1
    )


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
