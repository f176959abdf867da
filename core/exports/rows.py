"""The figures that tables and reports write out: a row a class of each setting, and a row over all classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.auroc_interval import auroc_interval
from core.metrics.classification import Confusion
from core.metrics.intervals import Interval
from core.metrics.patients import number_patients
from core.metrics.ranking import average_precision, roc_auc
from core.operating_point import point_of_decisions
from core.thresholds.compare import decision_intervals, split_resamples
from core.thresholds.deck import OverallFigures
from core.thresholds.sets import ThresholdSet, reading

if TYPE_CHECKING:
    from core.metrics.resampling import Resamples
    from core.study import Study


@dataclass(frozen=True)
class ClassRow:
    """One class of one setting. Undefined is NaN. intervals : f1, precision, recall, specificity, auroc."""

    finding: str
    threshold: float
    counts: Confusion
    auroc: float
    average_precision: float
    intervals: Mapping[str, Interval]


@dataclass(frozen=True)
class SettingRows:
    """One setting under one threshold set. intervals : of macro_f1, micro_f1, exact_match and hamming.

    reading : how far the figures may be trusted; see core.thresholds.sets.reading.
    """

    chosen: ThresholdSet
    reading: str
    classes: tuple[ClassRow, ...]
    overall: OverallFigures
    intervals: Mapping[str, Interval]


def setting_rows(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> tuple[SettingRows, ...]:
    """The rows of every set on the films of a split, over the same resamples of their patients."""
    resamples = split_resamples(study, split) if len(study.rows(split)) else None
    return tuple(_rows(study, split, chosen, resamples) for chosen in sets.values())


def _rows(study: Study, split: str, chosen: ThresholdSet, resamples: Resamples | None) -> SettingRows:
    rows = study.rows(split)
    labels, scores = study.labels[rows], np.asarray(study.scores(chosen.setting)[rows], dtype=np.float64)
    decisions = chosen.rule().decide(scores)
    point = point_of_decisions(study, split, decisions)
    patients = number_patients([str(one) for one in study.images["patient_id"].to_numpy()[rows]], len(rows))
    classes = tuple(
        ClassRow(
            finding=finding,
            threshold=float(chosen.array()[index]),
            counts=point.per_class[finding],
            auroc=roc_auc(labels[:, index], scores[:, index]),
            average_precision=average_precision(labels[:, index], scores[:, index]),
            intervals={
                **point.intervals[finding],
                "auroc": auroc_interval(labels[:, index], scores[:, index], patients),
            },
        )
        for index, finding in enumerate(study.classes)
    )
    intervals = {} if resamples is None else decision_intervals(labels, decisions, resamples)
    return SettingRows(chosen, reading(chosen, split), classes, point.overall, intervals)
