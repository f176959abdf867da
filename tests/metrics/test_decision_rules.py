"""Rules on the edge: ties, constant films, classes without a threshold, single precision."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.decision_rules import Above, PerClassThresholds, RowMinMax


def test_a_film_at_the_threshold_is_positive_and_a_class_without_one_never_is() -> None:
    rule = PerClassThresholds(np.array([0.5, np.nan]))
    np.testing.assert_array_equal(rule.decide(np.array([[0.5, 9.0], [0.49, -9.0]])), [[True, False], [False, False]])


def test_thresholds_are_compared_in_double_precision() -> None:
    score = np.float32(0.3)
    just_above = np.nextafter(float(score), 1.0)
    assert not PerClassThresholds(np.array([just_above])).decide(np.array([[score]])).any()
    assert not Above(float(score)).decide(np.array([[score]])).any()


def test_above_leaves_the_cut_itself_out() -> None:
    np.testing.assert_array_equal(Above().decide(np.array([[0.0, 1e-9, -1.0]])), [[False, True, False]])
    assert Above(0.5).description == "the score is above 0.5"


def test_each_film_is_scaled_on_its_own() -> None:
    scores = np.array([[10.0, 20.0, 15.0, 14.9], [-1.0, -3.0, -2.0, -2.5], [7.0, 7.0, 7.0, 7.0]])
    np.testing.assert_array_equal(
        RowMinMax().decide(scores),
        [[False, True, True, False], [True, False, True, False], [False, False, False, False]],
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_film_that_is_not_constant_gets_a_label_and_lacks_one(seed: int) -> None:
    decided = RowMinMax().decide(np.random.default_rng(seed).normal(size=(50, 14)))
    assert decided.any(axis=1).all()
    assert not decided.all(axis=1).any()
