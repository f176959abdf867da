"""How classes move when the encoder is trained: on the map, and in numbers in the original spaces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, BoolArray, FloatArray
from core.metrics.separation.spread import davies_bouldin
from core.settings.base import FROZEN

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class ClassMovement:
    """One class under two encoders.

    start, end : (2,) mean position of its films on the two maps; for arrows only, they measure nothing.
    apart_before, apart_after : in the original spaces: distance between the centre of the class and that of the films
    without it, over the mean distance of films to their centre. Larger = separated. A space that shrinks as a whole
    leaves it alone.
    turn : 0..2, 1 - cosine between the direction from the others to the class before and after; NaN where the two
    spaces have other dimensions. Everything is NaN under 5 films on either side.
    """

    finding: str
    n_films: int
    start: FloatArray
    end: FloatArray
    apart_before: float
    apart_after: float
    turn: float


def class_movements(
    study: Study, split: str = "all", *, before: str = FROZEN.name, after: str | None = None
) -> tuple[ClassMovement, ...]:
    """Every class, in class order. StudyError where the study lacks the maps or embeddings of either encoder.

    before, after : encoders; None is the study's last.
    """
    rows, encoders = study.rows(split), (before, after or (study.encoders or (before,))[-1])
    spaces = [np.asarray(study.image_embeddings(encoder)[rows], dtype=np.float64) for encoder in encoders]
    maps = [np.asarray(study.umap(encoder)[rows]) for encoder in encoders]
    return tuple(
        _movement(finding, spaces, maps, study.labels[rows, index]) for index, finding in enumerate(study.classes)
    )


def _movement(
    finding: str, spaces: Sequence[FloatArray], maps: Sequence[FloatArray], labels: FloatArray
) -> ClassMovement:
    own, others = labels == 1, labels == 0
    n_films = int(own.sum())
    if min(n_films, int(others.sum())) < MIN_POSITIVES:
        nowhere = np.full(2, np.nan)
        return ClassMovement(finding, n_films, nowhere, nowhere, math.nan, math.nan, math.nan)
    start, end = (points[own].mean(axis=0) for points in maps)
    first, second = (space[own].mean(axis=0) - space[others].mean(axis=0) for space in spaces)
    apart = [_apart(space, own, others) for space in spaces]
    return ClassMovement(finding, n_films, start, end, apart[0], apart[1], _turn(first, second))


def _apart(space: FloatArray, own: BoolArray, others: BoolArray) -> float:
    """Twice the inverse of Davies and Bouldin's index of two clusters."""
    there = (own | others).astype(np.float64)[None]
    index = float(davies_bouldin(space, "euclidean", own[None], there)[0])
    return 2 / index if index > 0 else math.nan


def _turn(first: FloatArray, second: FloatArray) -> float:
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second)) if first.shape == second.shape else 0.0
    return 1 - float(first @ second) / lengths if lengths else math.nan
