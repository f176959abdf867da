"""Calibration by hand, against scikit-learn, and on probabilities that are known to be right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from core.metrics.calibration import (
    CALIBRATIONS,
    as_they_are,
    brier_score,
    expected_calibration_error,
    platt,
    reliability,
    sigmoid,
    temperature,
)


def test_groups_and_their_gap_by_hand() -> None:
    p, y = np.array([0.05, 0.05, 0.95, 1.0, 0.5]), np.array([0.0, 1.0, 1.0, 1.0, np.nan])
    groups = reliability(p, y)
    np.testing.assert_allclose(groups.predicted, [0.05, 0.975])
    np.testing.assert_allclose(groups.observed, [0.5, 1.0])
    assert groups.n.tolist() == [2, 2]
    assert groups.n_positive.tolist() == [1, 2]
    assert expected_calibration_error(p, y) == pytest.approx((2 * 0.45 + 2 * 0.025) / 4)
    assert brier_score(p, y) == pytest.approx((0.05**2 + 0.95**2 + 0.05**2) / 4)
    assert brier_score(p[:4], y[:4]) == pytest.approx(brier_score_loss(y[:4], p[:4]))


def test_nothing_read_is_undefined() -> None:
    unread = np.full(3, np.nan)
    assert math.isnan(expected_calibration_error(np.full(3, 0.5), unread))
    assert math.isnan(brier_score(np.full(3, 0.5), unread))


def films(scale: float, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Logits `scale` times too large, and labels drawn from the right ones."""
    rng = np.random.default_rng(0)
    logits = rng.normal(-1, 1.5, n)
    return scale * logits, (rng.random(n) < sigmoid(logits)).astype(float)


def test_probabilities_that_are_right_have_a_small_gap() -> None:
    logits, labels = films(1.0)
    assert expected_calibration_error(sigmoid(logits), labels) < 0.02


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_fitting_undoes_a_scale(name: str) -> None:
    logits, labels = films(3.0)
    fitted = CALIBRATIONS[name](logits, labels)
    assert fitted.slope == pytest.approx(1 / 3, rel=0.1)
    after = expected_calibration_error(fitted.probabilities(logits), labels)
    assert after < 0.3 * expected_calibration_error(sigmoid(logits), labels)


def test_platts_curve_is_logistic_regression() -> None:
    logits, labels = films(2.0)
    theirs = LogisticRegression(C=1e9).fit(logits[:, None], labels)
    ours = platt(logits, labels)
    assert ours.slope == pytest.approx(theirs.coef_[0, 0], rel=0.01)
    assert ours.offset == pytest.approx(theirs.intercept_[0], abs=0.01)


def test_scores_that_separate_the_films_keep_a_finite_slope() -> None:
    labels = np.r_[np.zeros(20), np.ones(20)]
    fitted = platt(np.r_[np.linspace(-2, -1, 20), np.linspace(1, 2, 20)], labels)
    assert math.isfinite(fitted.slope)
    assert 0.9 < fitted.probabilities(np.array([1.5]))[0] < 1


def test_too_few_positives_fit_nothing() -> None:
    labels = np.r_[np.ones(4), np.zeros(50)]
    assert platt(np.arange(54.0), labels) is None
    assert temperature(np.arange(54.0), labels) is None


def test_kinds_of_scores() -> None:
    assert as_they_are("similarity") is None
    assert as_they_are("probability").probabilities(np.array([0.3]))[0] == 0.3
    assert as_they_are("logit").probabilities(np.array([0.0]))[0] == 0.5
