"""Calibration class by class: of a study whose probabilities are right, of one whose are not, and of what has none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from core.metrics.calibration import logit, perfect_calibration_error, sigmoid
from core.thresholds.calibration import CHOICES, calibrator_for, class_calibrations
from tests.metrics.table_study import TableStudy


def study(kind: str = "probability", scale: float = 1.0, n: int = 3000) -> TableStudy:
    """Labels drawn from true logits; the scores are those times `scale`, as a kind."""
    rng = np.random.default_rng(4)
    logits = rng.normal(-1, 1.5, (n, 2))
    labels = (rng.random(logits.shape) < sigmoid(logits)).astype(float)
    labels[: n // 10, 1] = np.nan
    scores = sigmoid(scale * logits) if kind == "probability" else scale * logits
    return TableStudy(
        ("A", "B"), labels, ["val", "test"] * (n // 2), {"linear_probe": scores}, {"linear_probe": kind},
        patients=[f"p{film // 3}" for film in range(n)],
    )  # fmt: skip


def test_probabilities_that_are_right_are_below_what_perfect_models_reach() -> None:
    for one in class_calibrations(study(), "test", "linear_probe"):
        assert one.ece < one.ece_perfect < 0.05
        assert one.predicted == pytest.approx(one.observed, abs=0.03)
        assert one.brier < one.brier_prevalence
        assert one.brier_interval.low < one.brier < one.brier_interval.high
        assert one.words == "the model's own"


@pytest.mark.parametrize("kind", ["probability", "logit", "margin"])
@pytest.mark.parametrize("choice", ["platt", "temperature"])
def test_a_scale_is_seen_and_undone(kind: str, choice: str) -> None:
    made = study(kind, scale=4.0, n=12_000)
    (after, _) = class_calibrations(made, "test", "linear_probe", choice)
    assert after.ece < 1.5 * after.ece_perfect
    if kind != "margin":
        (before, _) = class_calibrations(made, "test", "linear_probe")
        assert before.ece > 2 * before.ece_perfect
        assert before.brier > after.brier
    assert calibrator_for(made, "linear_probe", 0, choice).slope == pytest.approx(1 / 4, rel=0.1)


def test_figures_are_of_the_films_that_were_read() -> None:
    made = study()
    rows = made.rows("test")
    (_, found) = class_calibrations(made, "test", "linear_probe")
    read = ~np.isnan(made.labels[rows, 1])
    labels, p = made.labels[rows, 1][read], made.scores("linear_probe")[rows, 1][read]
    assert (found.n_read, found.n_positive) == (int(read.sum()), int(labels.sum()))
    assert found.brier == pytest.approx(brier_score_loss(labels, p))
    constant = np.full(labels.size, labels.mean())
    assert found.brier_prevalence == pytest.approx(brier_score_loss(labels, constant))


def test_what_has_no_probabilities_says_why() -> None:
    (one, _) = class_calibrations(study("similarity"), "test", "linear_probe", "temperature")
    assert not one.is_defined
    assert "no zero" in one.words
    assert all(math.isnan(value) for value in (one.ece, one.ece_perfect, one.brier, one.predicted))
    without_val = study("margin")
    without_val.splits_of_films = ["test"] * len(without_val.labels)
    (one, _) = class_calibrations(without_val, "test", "linear_probe")
    assert "fewer than 5" in one.words


@pytest.mark.parametrize("choice", CHOICES)
def test_nothing_read_is_undefined(choice: str) -> None:
    made = study()
    made.labels[np.array(made.splits_of_films) == "test", 0] = np.nan
    (one, _) = class_calibrations(made, "test", "linear_probe", choice)
    assert not one.is_defined
    assert one.n_read == 0
    assert math.isnan(one.observed)
    assert math.isnan(one.brier_prevalence)


def test_perfect_models_reach_this_error_in_one_of_twenty() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(1, 8, 200)
    bound = perfect_calibration_error(p, np.zeros(200), rng, n_draws=2000)
    from core.metrics.calibration import expected_calibration_error

    above = [expected_calibration_error(p, (rng.random(200) < p).astype(float)) > bound for _ in range(2000)]
    assert 0.03 < np.mean(above) < 0.07
    assert math.isnan(perfect_calibration_error(p, np.full(200, np.nan), rng))


def test_the_logit_is_the_sigmoid_undone_and_stays_finite() -> None:
    np.testing.assert_allclose(logit(sigmoid(np.array([-3.0, 0.0, 2.0]))), [-3, 0, 2])
    assert np.isfinite(logit(np.array([0.0, 1.0]))).all()
