"""The films that a review looks at, and their neighbours among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import IntArray
from core.metrics.neighbours import Metric, Neighbours, nearest, patient_groups

if TYPE_CHECKING:
    from core.study import Study

EXACT_UP_TO: Final = 20_000
"""Films that are compared with all others; of more, a random sample of as many is reviewed, among itself."""


def reviewed_rows(study: Study, split: str, *, seed: int = 0) -> IntArray:
    """Find the rows of a split that are reviewed, ascending."""
    rows = study.rows(split)
    if len(rows) <= EXACT_UP_TO:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, EXACT_UP_TO, replace=False))


def neighbours_among(study: Study, encoder: str, rows: IntArray, k: int, metric: Metric) -> Neighbours:
    """Find neighbours among the reviewed films, places of the same patient left out."""
    groups = patient_groups(study.images["patient_id"].to_numpy()[rows])
    return nearest(study.image_embeddings(encoder)[rows], k, metric=metric, groups=groups)
