"""Pair counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.cooccurrence import cooccurrence, films_of_pair

LABELS = np.array([[1, 1, 0], [1, 0, np.nan], [0, 1, 0], [1, 1, 0]])
DECISIONS = np.array([[1, 1, 1], [1, 1, 1], [0, 0, 0], [1, 0, 1]], dtype=bool)


def test_pairs_are_counted_over_films_read_for_both() -> None:
    got = cooccurrence(("a", "b", "c"), LABELS, DECISIONS)
    np.testing.assert_array_equal(got.true, [[3, 2, 0], [2, 3, 0], [0, 0, 0]])
    np.testing.assert_array_equal(got.predicted, [[3, 2, 2], [2, 2, 1], [2, 1, 2]])
    np.testing.assert_array_equal(got.true_by_predicted, [[3, 2, 2], [2, 1, 2], [0, 0, 0]])
    np.testing.assert_array_equal(got.of_true, [[3, 3, 2], [3, 3, 3], [0, 0, 0]])
    np.testing.assert_array_equal(got.of_predicted, [[3, 3, 2], [2, 2, 1], [2, 2, 2]])


def test_what_nobody_read_lowers_no_share() -> None:
    """Four films of a; b was read on one of them, and seen: b comes with a on all films that can tell."""
    labels = np.array([[1, 1], [1, np.nan], [1, np.nan], [1, np.nan]])
    got = cooccurrence(("a", "b"), labels, labels == 1)
    assert got.true[0, 1] / got.of_true[0, 1] == 1
    assert got.predicted[0, 1] / got.of_predicted[0, 1] == 1


@pytest.mark.parametrize("counted", ["true", "predicted", "true_by_predicted"])
def test_every_count_of_a_pair_is_of_as_many_films(counted: str) -> None:
    rng = np.random.default_rng(4)
    labels = rng.choice([0.0, 1.0, np.nan], size=(200, 4), p=[0.5, 0.3, 0.2])
    decisions = rng.random((200, 4)) < 0.4
    counts = getattr(cooccurrence(("a", "b", "c", "d"), labels, decisions), counted)
    for row in range(4):
        for column in range(4):
            films = np.flatnonzero(films_of_pair(labels, decisions, counted, row, column))
            assert films.size == counts[row, column]
            ours = {"true": labels == 1, "predicted": decisions, "true_by_predicted": labels == 1}[counted]
            theirs = labels == 1 if counted == "true" else decisions
            assert ours[films, row].all()
            assert theirs[films, column].all()
            assert not np.isnan(labels[np.ix_(films, [row, column])]).any()
