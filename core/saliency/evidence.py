"""What stands beside a map: the score of a class on a film, its threshold, and whether the decision was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import IntArray
from core.metrics.classification import OUTCOMES, outcomes

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds import ThresholdSet


@dataclass(frozen=True)
class ClassEvidence:
    """One class on one film in one setting.

    score : raw, of `score_kind`.
    threshold : NaN where the class has none.
    label : 1, 0, or NaN = nobody read it.
    outcome : of OUTCOMES; "" where there is no label or nothing decides.
    """

    finding: str
    score: float
    score_kind: str
    threshold: float
    outcome: str
    label: float


def film_evidence(study: Study, setting: str, image_id: str, thresholds: ThresholdSet) -> tuple[ClassEvidence, ...]:
    """Weigh every class of a film, in the study's order. Raises StudyError where the film is not in the study."""
    row, kind = study.row_of(image_id), study.manifest.settings[setting].score_kind
    cuts = thresholds.array()
    scores, labels = np.asarray(study.scores(setting)[row], dtype=np.float64), study.labels[row]
    found = [OUTCOMES[code] for code in outcomes(labels, thresholds.decided(scores[None])[0])]
    return tuple(
        ClassEvidence(name, float(scores[index]), kind, float(cuts[index]), found[index], float(labels[index]))
        for index, name in enumerate(study.classes)
    )


def films_with_outcome(
    study: Study, setting: str, finding: str, thresholds: ThresholdSet, outcome: str, rows: IntArray
) -> list[str]:
    """List the films among some rows whose decision for a class came out in one way, in row order."""
    index = study.classes.index(finding)
    decided = thresholds.decided(np.asarray(study.scores(setting)[rows], dtype=np.float64))[:, index]
    found = outcomes(study.labels[rows, index], decided) == OUTCOMES.index(outcome)
    return [study.image_ids[row] for row in np.asarray(rows)[found]]


def most_found(study: Study, findings: Mapping[str, str], decisions: Sequence[ThresholdSet]) -> str:
    """Find the film whose class most settings find; the first of several.

    findings : by film, at least one, the class that is looked for on it.  decisions : of each setting.
    """

    def n_found(image_id: str) -> int:
        row, index = [study.row_of(image_id)], study.classes.index(findings[image_id])
        scores = (np.asarray(study.scores(chosen.setting)[row], dtype=np.float64) for chosen in decisions)
        called = [float(chosen.decided(own)[0, index]) for chosen, own in zip(decisions, scores, strict=True)]
        return sum(OUTCOMES[outcomes(study.labels[row[0], index], np.array(one))] == "TP" for one in called)

    return max(findings, key=n_found)
