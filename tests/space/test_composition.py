"""Selections on the map: which films they hold and what those are made of."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.metrics.intervals import wilson
from core.space.composition import composition

CLASSES = ("Edema", "Fracture")


def test_lift_by_hand() -> None:
    labels = np.zeros((100, 2))
    labels[:10, 0] = 1
    labels[:20, 1] = np.nan
    patients = [str(row) for row in range(100)]
    edema, fracture = composition(labels, CLASSES, patients, np.arange(5, 25), np.arange(100))
    assert (edema.n_positive, edema.n_read, edema.n_positive_of_all) == (5, 20, 10)
    assert (edema.share, edema.share_of_all, edema.lift) == (0.25, 0.1, 2.5)
    expected = wilson(5, 20)
    assert (edema.interval.low, edema.interval.high) == pytest.approx((10 * expected.low, 10 * expected.high))
    assert (fracture.n_read, fracture.share, fracture.share_of_all) == (5, 0.0, 0.0)
    assert math.isnan(fracture.lift)
    assert not fracture.interval.is_estimable


def test_the_whole_set_has_lift_one() -> None:
    labels = (np.random.default_rng(0).random((300, 2)) < 0.3).astype(float)
    for share in composition(labels, CLASSES, [str(row) for row in range(300)], np.arange(300), np.arange(300)):
        assert share.lift == 1
        assert share.interval.low < 1 < share.interval.high


def test_an_empty_selection_is_undefined_not_zero() -> None:
    labels = np.ones((20, 2))
    for share in composition(labels, CLASSES, ["a"] * 20, np.empty(0, int), np.arange(20)):
        assert math.isnan(share.share)
        assert math.isnan(share.lift)
        assert not share.interval.is_estimable


def test_few_positives_anywhere_are_not_estimable() -> None:
    labels = np.zeros((200, 2))
    labels[:4, 0] = labels[:5, 1] = 1
    edema, fracture = composition(labels, CLASSES, [str(row) for row in range(200)], np.arange(50), np.arange(200))
    assert not edema.interval.is_estimable
    assert fracture.interval.is_estimable


def test_films_of_one_patient_that_agree_count_once() -> None:
    """Six patients with four like films each: as wide as six films."""
    once = np.array([[1.0], [0], [0], [1], [0], [0], *[[1.0]] * 5, *[[0.0]] * 5])
    selected = composition(once, ("Edema",), [str(row) for row in range(16)], np.arange(6), np.arange(16))[0]
    four = np.repeat(once, 4, axis=0)
    patients = np.repeat([str(row) for row in range(16)], 4).tolist()
    repeated = composition(four, ("Edema",), patients, np.arange(24), np.arange(64))[0]
    assert (repeated.interval.low, repeated.interval.high) == pytest.approx(
        (selected.interval.low, selected.interval.high)
    )


def test_intervals_hold_the_truth_as_often_as_they_say_where_patients_have_several_films() -> None:
    """200 selections of 60 patients with 3 like films each, true share 0.3: without patients 70 % would hold it."""
    rng = np.random.default_rng(1)
    patients = [str(number) for number in np.repeat(np.arange(60), 3)]
    held = 0
    for _ in range(200):
        labels = np.vstack([np.repeat((rng.random(60) < 0.3).astype(float), 3)[:, None], np.zeros((10_000, 1))])
        labels[180 : 180 + 3000] = 1
        everyone = [*patients, *(f"other {row}" for row in range(10_000))]
        (share,) = composition(labels, ("Edema",), everyone, np.arange(180), np.arange(180, 10_180))
        held += share.interval.low <= 1 <= share.interval.high
    assert held / 200 > 0.9
