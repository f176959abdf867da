"""What stands beside a map: the score of a class on a film, its threshold, and whether the decision was right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds import ThresholdSet

OUTCOMES: Final = ("TP", "FN", "FP", "TN")


@dataclass(frozen=True)
class ClassEvidence:
    """One class on one film in one setting.

    score : raw, of `score_kind`.  threshold : NaN where the class has none.  label : 1, 0, or NaN = nobody read it.
    outcome : of OUTCOMES; "" where there is no label or no threshold.
    """

    finding: str
    score: float
    score_kind: str
    threshold: float
    outcome: str
    label: float


def film_evidence(study: Study, setting: str, image_id: str, thresholds: ThresholdSet) -> tuple[ClassEvidence, ...]:
    """Every class of a film, in the study's order. Raises StudyError where the film is not in the study."""
    row, kind = study.row_of(image_id), study.manifest.settings[setting].score_kind
    cuts = threshold_values(study, thresholds)
    scores, labels = np.asarray(study.scores(setting)[row], dtype=np.float64), study.labels[row]
    outcomes = _outcomes(scores, cuts, labels)
    return tuple(
        ClassEvidence(name, float(scores[index]), kind, float(cuts[index]), str(outcomes[index]), float(labels[index]))
        for index, name in enumerate(study.classes)
    )


def films_with_outcome(
    study: Study, setting: str, finding: str, thresholds: ThresholdSet, outcome: str, rows: IntArray
) -> list[str]:
    """The films among some rows whose decision for a class came out in one way, in row order."""
    index = study.classes.index(finding)
    scores = np.asarray(study.scores(setting)[rows, index], dtype=np.float64)
    cut = threshold_values(study, thresholds)[index]
    found = _outcomes(scores, np.full(len(rows), cut), study.labels[rows, index]) == outcome
    return [study.image_ids[row] for row in np.asarray(rows)[found]]


def threshold_values(study: Study, thresholds: ThresholdSet) -> FloatArray:
    """(C,) one threshold a class, NaN where there is none."""
    values = (thresholds.values.get(name) for name in study.classes)
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _outcomes(scores: FloatArray, cuts: FloatArray, labels: FloatArray) -> np.ndarray:
    """(n,) of OUTCOMES or ""; a film is predicted where its score is at least the threshold."""
    predicted, positive = scores >= cuts, labels == 1
    words = np.where(positive, np.where(predicted, "TP", "FN"), np.where(predicted, "FP", "TN"))
    return np.where(np.isnan(cuts) | np.isnan(labels), "", words)
