"""Cohen's kappa: by hand, and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.metrics.agreement import class_agreement, cohen_kappa, mean_kappa


def test_kappa_by_hand() -> None:
    """20 both, 5 only the first, 10 only the second, 15 neither: agreement .7, by chance .5."""
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_kappa_is_scikit_learn_s() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    for share in (0.02, 0.3, 0.5, 0.9):
        first = (rng.random(400) < share).astype(float)
        second = np.where(rng.random(400) < 0.2, 1 - first, first)
        assert cohen_kappa(first, second) == pytest.approx(metrics.cohen_kappa_score(first, second), abs=1e-12)


def test_ends_of_the_scale_and_undefined() -> None:
    assert cohen_kappa([0, 1, 1], [0, 1, 1]) == 1
    assert cohen_kappa([0, 1], [1, 0]) == -1
    assert math.isnan(cohen_kappa([0, 0], [0, 0]))
    assert math.isnan(cohen_kappa([1, np.nan], [np.nan, 1]))
    assert cohen_kappa([0, 0, 1], [0, 0, 0]) == 0


def test_unread_films_are_left_out() -> None:
    first, second = [0, 1, 1, 0, np.nan], [0, 1, 0, np.nan, 1]
    assert cohen_kappa(first, second) == cohen_kappa(first[:3], second[:3])
    row = class_agreement(["a"], np.array(first)[:, None], np.array(second)[:, None])[0]
    assert (row.n_read, row.n_first, row.n_second, row.n_both) == (3, 2, 1, 1)


def test_the_mean_is_over_classes_with_enough_positives() -> None:
    first = np.array([[1, 1], [0, 1], [1, 0], [0, 0]])
    second = np.array([[1, 1], [0, 0], [1, 0], [0, 0]])
    rows = class_agreement(["a", "b"], first, second)
    assert mean_kappa(rows, at_least=2) == 1
    assert mean_kappa(rows, at_least=1) == pytest.approx((1 + 0.5) / 2)
    assert math.isnan(mean_kappa(rows, at_least=3))


def test_what_is_no_label_or_does_not_join_is_refused() -> None:
    with pytest.raises(ValueError, match="0, 1 or NaN"):
        cohen_kappa([0.4], [1])
    with pytest.raises(ValueError, match="shapes"):
        cohen_kappa([0, 1], [1])
    with pytest.raises(ValueError, match="shapes"):
        class_agreement(["a", "b"], [[0]], [[0]])
