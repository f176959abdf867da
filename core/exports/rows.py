"""The figures that tables and reports write out: a row per class of each setting, and a row over all classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.class_figures import ClassMetrics
from core.metrics.intervals import Interval
from core.metrics.overall_figures import Overall
from core.metrics.patients import number_patients
from core.metrics.summary import summarise_classes
from core.thresholds.compare import decision_intervals, split_resamples
from core.thresholds.grey_zone import GreyZone, grey_zones
from core.thresholds.live_counts import overall_figures
from core.thresholds.sets import ThresholdSet, provenance
from core.thresholds.worth import Worth, worth_of

if TYPE_CHECKING:
    from core.metrics.resampling import Resamples
    from core.study import Study


@dataclass(frozen=True)
class SettingRows:
    """One setting under one threshold set.

    intervals : of the figures over all classes, by name.

    classes : in the study's order, every figure with its interval; film-wise sets decide too, so that counts are there.

    reading : how far the figures may be trusted; see core.thresholds.sets.provenance.

    worth : the set on the films of its fit beside these, and its promises; None where these are the same.

    grey_zones : by class, what two cuts settle; empty where classes have one.
    """

    chosen: ThresholdSet
    reading: str
    classes: tuple[ClassMetrics, ...]
    overall: Overall
    intervals: Mapping[str, Interval]
    worth: Worth | None
    grey_zones: tuple[GreyZone | None, ...]

    def upper(self, finding: str) -> float | None:
        """Give the rule-in cut of a class; None where it has one cut or none."""
        return self.chosen.uppers.get(finding)


def setting_rows(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> tuple[SettingRows, ...]:
    """Compute the rows of every set on the films of a split, over the same resamples of their patients."""
    resamples = split_resamples(study, split) if len(study.rows(split)) else None
    return tuple(_rows(study, split, chosen, resamples) for chosen in sets.values())


def _rows(study: Study, split: str, chosen: ThresholdSet, resamples: Resamples | None) -> SettingRows:
    rows = study.rows(split)
    labels = study.judged_labels(chosen.setting)[rows]
    scores = np.asarray(study.scores(chosen.setting)[rows], dtype=np.float64)
    decisions = chosen.rule().decide(scores)
    patients = number_patients(study.patient_numbers(rows), len(rows))
    every = study.labels[rows]
    figures = summarise_classes(study.classes, every, scores, decisions, chosen.array(), patients=patients)
    classes = tuple(figures.values())
    intervals = {} if resamples is None else decision_intervals(labels, decisions, resamples)
    return SettingRows(
        chosen,
        provenance(chosen, split),
        classes,
        overall_figures(labels, decisions),
        intervals,
        worth_of(study, split, chosen),
        grey_zones(study, split, chosen),
    )
