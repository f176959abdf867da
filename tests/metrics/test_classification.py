"""Counts and shares against scikit-learn and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_score, recall_score

from core.metrics.classification import Confusion, confusions, exact_matches
from core.metrics.evidence import count_decisions
from core.metrics.over_classes import exact_match, macro_f1, micro_f1
from tests.metrics.tables import TABLES, random_table


def test_counts_and_shares_by_hand() -> None:
    labels = np.array([[1], [1], [1], [0], [0], [np.nan]])
    decisions = np.array([[True], [True], [False], [True], [False], [True]])
    (counts,) = confusions(labels, decisions)
    assert counts == Confusion(tp=2, fp=1, fn=1, tn=1)
    assert (counts.n_positive, counts.n_predicted, counts.n_read) == (3, 3, 5)
    assert (counts.precision, counts.recall, counts.specificity, counts.f1) == (2 / 3, 2 / 3, 1 / 2, 2 / 3)


@pytest.mark.parametrize(
    ("counts", "undefined"),
    [
        (Confusion(0, 0, 3, 4), {"precision"}),
        (Confusion(0, 2, 0, 4), {"recall"}),
        (Confusion(0, 0, 0, 4), {"precision", "recall", "f1"}),
        (Confusion(2, 0, 1, 0), {"specificity"}),
        (Confusion(0, 0, 0, 0), {"precision", "recall", "specificity", "f1"}),
    ],
)
def test_undefined_shares_are_nan_and_only_those(counts: Confusion, undefined: set[str]) -> None:
    names = {"precision", "recall", "specificity", "f1"}
    assert {name for name in names if math.isnan(getattr(counts, name))} == undefined


@pytest.mark.parametrize("seed", TABLES)
def test_every_class_equals_scikit_learn_on_its_read_films(seed: int) -> None:
    table = random_table(seed)
    for index, counts in enumerate(confusions(table.labels, table.decisions)):
        read = ~np.isnan(table.labels[:, index])
        truth, decided = table.labels[read, index].astype(int), table.decisions[read, index].astype(int)
        if not read.any():
            assert counts == Confusion(0, 0, 0, 0)
            continue
        tn, fp, fn, tp = confusion_matrix(truth, decided, labels=[0, 1]).ravel()
        assert counts == Confusion(tp, fp, fn, tn)
        for name, reference in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
            expected = reference(truth, decided, zero_division=np.nan)
            assert getattr(counts, name) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("seed", TABLES)
def test_means_over_classes_equal_scikit_learn(seed: int) -> None:
    table = random_table(seed, unread=False)
    counts, truth = count_decisions(table.labels, table.decisions), table.labels.astype(int)
    assert macro_f1(count_decisions(table.labels, table.decisions, is_published=True)) == pytest.approx(
        f1_score(truth, table.decisions, average="macro", zero_division=0), abs=1e-12
    )
    assert exact_match(counts) == pytest.approx(accuracy_score(truth, table.decisions), abs=1e-12)
    assert micro_f1(counts) == pytest.approx(
        f1_score(truth, table.decisions, average="micro", zero_division=np.nan), abs=1e-12, nan_ok=True
    )
    with_positives = np.flatnonzero(truth.any(axis=0))
    each = [f1_score(truth[:, index], table.decisions[:, index]) for index in with_positives]
    expected = np.mean(each) if each else math.nan
    assert macro_f1(counts) == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_a_film_with_an_unread_label_has_no_exact_match() -> None:
    labels = np.array([[1, 0], [1, np.nan], [0, 0]])
    decisions = np.array([[True, False], [True, False], [True, False]])
    np.testing.assert_array_equal(exact_matches(labels, decisions), [1, np.nan, 0])
    counts = count_decisions(labels, decisions)
    assert (counts.n_right, counts.n_films_matched, counts.n_films) == (1, 2, 3)
    assert exact_match(counts) == 0.5
    assert math.isnan(exact_match(count_decisions(labels[1:2], decisions[1:2])))


def test_scores_in_place_of_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="scores"):
        confusions(np.array([[0.3]]), np.array([[True]]))
