from __future__ import annotations

import numpy as np
import pytest

from core.metrics.classification import OUTCOMES, outcomes
from core.metrics.decision_rules import PerClassThresholds
from core.thresholds.flips import flips
from tests.thresholds.cases import case, decide

LABELS = np.array([[1, 0], [0, 0], [1, np.nan]])
SCORES = np.array([[0.6, 0.2], [0.6, 0.1], [0.9, 0.9]])


def test_flips_by_hand() -> None:
    """Raising the first threshold over 0.6 makes film 0 wrong and film 1 right; the unread label flips unjudged."""
    got = flips(LABELS, SCORES >= [0.5, 0.95], SCORES >= [0.7, 0.5])
    assert got.rows.tolist() == [0, 1, 2]
    assert got.columns.tolist() == [0, 0, 1]
    assert got.to_positive.tolist() == [False, False, True]
    np.testing.assert_array_equal(got.label, [1, 0, np.nan])
    assert (got.became_right.tolist(), got.became_wrong.tolist()) == ([1], [0])
    assert got.films().tolist() == [0, 1, 2]


@pytest.mark.parametrize("seed", range(4, 14))
def test_turning_back_gives_the_same_flips_the_other_way(seed: int) -> None:
    chosen = case(seed)
    decided = decide(chosen)
    others = PerClassThresholds(np.flip(chosen.thresholds)).decide(chosen.scores)
    there, back = flips(chosen.labels, decided, others), flips(chosen.labels, others, decided)
    np.testing.assert_array_equal(there.rows, back.rows)
    np.testing.assert_array_equal(there.to_positive, ~back.to_positive)
    np.testing.assert_array_equal(there.became_right, back.became_wrong)
    assert flips(chosen.labels, decided, decided).rows.size == 0


def test_outcomes_name_every_film() -> None:
    codes = outcomes(LABELS, np.array([[1, 0], [1, 1], [0, 1]], dtype=float))
    assert [[OUTCOMES[code] for code in row] for row in codes] == [["TP", "TN"], ["FP", "FP"], ["FN", ""]]
    undecided = outcomes(LABELS, np.full(LABELS.shape, np.nan))
    assert {OUTCOMES[code] for code in undecided.ravel()} == {""}
