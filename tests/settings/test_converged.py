"""The converged probe: scikit-learn's minimum, its strength by val with each patient once, and what it records."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.settings.converged_options import ConvergedOptions
from core.settings.converged_training import fit_converged
from core.settings.logistic import fit_logistic

rng = np.random.default_rng(3)
N, D = 160, 6
FILMS = rng.normal(size=(N, D)) * 3
UNIT = FILMS / np.linalg.norm(FILMS, axis=1, keepdims=True)
LOGITS = UNIT @ rng.normal(size=(D, 2)) * 4 - 0.5
LABELS = (rng.random((N, 2)) < 1 / (1 + np.exp(-LOGITS))).astype(float)
LABELS[::7, 1] = np.nan
TRAIN, VAL = np.arange(100), np.arange(100, N)
PATIENTS = [f"p{row // 3}" for row in range(N)]
ONE = ConvergedOptions(least_c=2.0, most_c=2.0, n_c=1)


def test_it_is_scikit_learns_minimum_class_by_class() -> None:
    head, record = fit_converged(FILMS, LABELS, TRAIN, VAL, PATIENTS, ONE)
    for column in range(2):
        read = TRAIN[np.isfinite(LABELS[TRAIN, column])]
        peer = LogisticRegression(C=2.0, tol=1e-10, max_iter=5000).fit(UNIT[read], LABELS[read, column])
        np.testing.assert_allclose(head.weight[column], peer.coef_[0], atol=1e-5)
        assert head.bias[column] == pytest.approx(float(peer.intercept_[0]), abs=1e-5)
        np.testing.assert_allclose(head.logits(FILMS)[:, column], peer.decision_function(UNIT), atol=1e-4)
    assert record.ended == "converged"
    assert record.gradient_norm is not None
    assert record.gradient_norm < 2e-8
    assert (record.n_parameters, record.n_films, record.seed) == (2 * (D + 1), 100, None)
    assert record.train_loss[0] == pytest.approx(np.log(2))
    assert len(record.train_loss) == len(record.val_loss)
    assert all(later <= earlier for earlier, later in zip(record.train_loss, record.train_loss[1:], strict=False))


def test_val_chooses_the_strength_and_each_patient_counts_once() -> None:
    """One patient's many films say that the labels are the other way round; by film they would win, by patient not."""
    many = ConvergedOptions(least_c=1e-3, most_c=10.0, n_c=2)
    films = np.concatenate([FILMS, np.repeat(FILMS[100:101], 200, axis=0)])
    labels = np.concatenate([LABELS, np.repeat(1 - LABELS[100:101], 200, axis=0)])
    patients, val = [*PATIENTS, *["one"] * 200], np.r_[VAL, np.arange(N, N + 200)]
    by_patient, _ = fit_converged(films, labels, TRAIN, val, patients, many)
    by_film, _ = fit_converged(films, labels, TRAIN, val, [str(row) for row in range(len(films))], many)
    assert np.linalg.norm(by_patient.weight[0]) > 5 * np.linalg.norm(by_film.weight[0])


def test_without_val_or_without_a_kind_of_film_it_says_what_it_can() -> None:
    labels = LABELS.copy()
    labels[TRAIN, 0] = 0
    head, record = fit_converged(FILMS, labels, TRAIN, VAL[:0], PATIENTS)
    assert not head.weight[0].any()
    read = TRAIN[np.isfinite(labels[TRAIN, 1])]
    peer = LogisticRegression(C=1.0, tol=1e-10, max_iter=5000).fit(UNIT[read], labels[read, 1])
    np.testing.assert_allclose(head.weight[1], peer.coef_[0], atol=1e-5)
    assert set(record.val_loss) == {None}


def test_one_that_may_not_go_on_says_that_it_did_not_converge() -> None:
    stopped = ConvergedOptions(least_c=100.0, most_c=100.0, n_c=1, max_iterations=2)
    _, record = fit_converged(FILMS, LABELS, TRAIN, VAL, PATIENTS, stopped)
    assert record.ended == "schedule"
    assert record.gradient_norm is not None
    assert record.gradient_norm > 1e-5


def test_films_that_a_plane_divides_end_at_a_finite_classifier() -> None:
    rows = np.column_stack([np.r_[-1.0, -2, 1, 2], np.ones(4)])
    found = fit_logistic(rows, np.array([0.0, 0, 1, 1]), 1e5, tolerance=1e-8, max_iterations=100)
    assert np.isfinite(found.weights).all()
    assert found.gradient_norm < 1e-6
