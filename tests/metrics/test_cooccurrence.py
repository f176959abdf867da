"""Pair counts by hand."""

from __future__ import annotations

import numpy as np

from core.metrics.cooccurrence import cooccurrence, over_prediction

LABELS = np.array([[1, 1, 0], [1, 0, np.nan], [0, 1, 0], [1, 1, 0]])
DECISIONS = np.array([[1, 1, 1], [1, 1, 1], [0, 0, 0], [1, 0, 1]], dtype=bool)


def test_pairs_are_counted_over_films_read_for_both() -> None:
    got = cooccurrence(("a", "b", "c"), LABELS, DECISIONS)
    np.testing.assert_array_equal(got.true, [[3, 2, 0], [2, 3, 0], [0, 0, 0]])
    np.testing.assert_array_equal(got.predicted, [[3, 2, 2], [2, 2, 1], [2, 1, 2]])
    np.testing.assert_array_equal(got.true_by_predicted, [[3, 2, 2], [2, 1, 2], [0, 0, 0]])
    np.testing.assert_array_equal(got.n_read, [[4, 4, 3], [4, 4, 3], [3, 3, 3]])


def test_over_prediction_is_undefined_without_positives() -> None:
    np.testing.assert_array_equal(over_prediction(LABELS, DECISIONS), [1.0, 2 / 3, np.nan])
