"""The films that thresholds are chosen on, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.patients import number_patients

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class SplitCounts:
    """The films of a split: how many, of how many patients, and how many are positive, by class."""

    split: str
    n_films: int
    n_patients: int
    n_positive: Mapping[str, int]


def films_of(study: Study, split: str) -> SplitCounts:
    """Count the films of a split of a study; a split without films has 0 of everything."""
    rows = study.rows(split)
    positives = np.count_nonzero(study.labels[rows] == 1, axis=0)
    return SplitCounts(
        split=split,
        n_films=len(rows),
        n_patients=number_patients(study.patient_numbers(rows), len(rows)).n,
        n_positive={finding: int(n) for finding, n in zip(study.classes, positives, strict=True)},
    )
