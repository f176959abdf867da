"""The films that a count of one class is of, those next to the cut first: what opens where a count is clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels
from core.metrics.classification import OUTCOMES, UNLABELLED, outcomes

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds.sets import ThresholdSet

CELLS: Final = ("missed", "found", "false_alarms", "silent")
"""Cells of a class's confusion: positive films that are not called and that are, negative ones that are and are not."""
OUTCOME_OF_CELL: Final = {"missed": "FN", "found": "TP", "false_alarms": "FP", "silent": "TN"}
SETTLED: Final = ("left", "ruled_in")
"""What two cuts make of films: those between them, and those from the second on."""


def film_outcomes(study: Study, chosen: ThresholdSet, finding: str, rows: IntArray) -> list[str]:
    """Decide films by thresholds and say how each came out for a class, as keys of OUTCOME_TITLES.

    rows : of the study, in the order of the result. "" where the film has a label and nothing decides: no threshold, or
        two cuts that leave it to a reader.
    """
    column = study.classes.index(finding)
    labels = study.labels[rows, column]
    decided = chosen.decided(np.asarray(study.scores(chosen.setting)[rows], dtype=np.float64))[:, column]
    found = np.array(OUTCOMES, dtype=object)[outcomes(labels, decided)]
    return [str(name) for name in np.where(np.isnan(labels), UNLABELLED, found)]


def listed_films(study: Study, split: str, chosen: ThresholdSet, finding: str, kind: str) -> IntArray:
    """Find the films of a split that a count of a class is of: rows of the study, those next to the cut first.

    kind : of CELLS or SETTLED. Films unread for the class are in none of them; where it has no cut, nothing is called
        and the highest scores come first.
    Raises ValueError for another kind.
    """
    rows, column = study.rows(split), study.classes.index(finding)
    labels = checked_labels(study.judged_labels(chosen.setting)[rows, column])
    scores = np.asarray(study.scores(chosen.setting)[rows], dtype=np.float64)
    called, left = chosen.rule().decide(scores)[:, column], chosen.left_to_reader(scores)[:, column]
    cut = (chosen.upper_array() if kind == "ruled_in" else chosen.array())[column]
    places = np.flatnonzero(_members(kind, labels, called, left))
    own = scores[places, column]
    return np.asarray(rows[places[np.argsort(-own if np.isnan(cut) else np.abs(own - cut), kind="stable")]])


def _members(kind: str, labels: FloatArray, called: BoolArray, left: BoolArray) -> BoolArray:
    positive, negative = labels == 1, labels == 0
    known = {
        "missed": positive & ~called,
        "found": positive & called,
        "false_alarms": negative & called,
        "silent": negative & ~called,
        "left": (positive | negative) & left,
        "ruled_in": (positive | negative) & called & ~left,
    }
    if kind not in known:
        raise ValueError(f"{kind!r} counts no films of a class; what does: {', '.join(known)}.")
    return np.asarray(known[kind])
