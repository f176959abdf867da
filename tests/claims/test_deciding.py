"""The deciding choice: against a tree of scikit-learn, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from core.claims.deciding import Leaf, Question, deciding_tree

CODES = np.array(list(itertools.product(range(4), range(3), range(2))), dtype=np.int16)


def test_one_choice_decides() -> None:
    verdict = np.where(np.isin(CODES[:, 0], (1, 3)), -1, 1).astype(np.int8)
    found = deciding_tree(CODES, verdict)
    assert found is not None
    assert (found.question, found.applies, found.others) == (Question(0, (1, 3)), Leaf(contradicts=True), Leaf())
    assert found.right == pytest.approx(1.0)


def test_two_choices_decide_together() -> None:
    verdict = np.where((CODES[:, 0] == 2) & (CODES[:, 1] == 0), -1, 1).astype(np.int8)
    found = deciding_tree(CODES, verdict)
    assert found is not None
    assert found.decides
    assert set(found.axes) == {0, 1}


def test_variants_that_cannot_be_told_do_not_count() -> None:
    verdict = np.where(CODES[:, 2] == 1, -1, 1).astype(np.int8)
    verdict[np.isin(CODES[:, 0], (0, 2))] = 0
    found = deciding_tree(CODES, verdict)
    assert found is not None
    assert found.axes == (2,)
    assert found.right == pytest.approx(1.0)


def test_nothing_decides_where_one_verdict_is_missing_or_all_is_mixed() -> None:
    assert deciding_tree(CODES, np.ones(len(CODES), dtype=np.int8)) is None
    parity = np.where(CODES.sum(axis=1) % 2, -1, 1).astype(np.int8)
    found = deciding_tree(CODES, parity)
    assert found is not None
    assert not found.decides


def test_no_tree_of_scikit_learn_sorts_more() -> None:
    rng = np.random.default_rng(3)
    marks = np.column_stack([CODES[:, axis] == code for axis, n in enumerate((4, 3, 2)) for code in range(n)])
    for _ in range(20):
        verdict = np.where(rng.random(len(CODES)) < 0.3 + 0.5 * (CODES[:, 0] == 1), -1, 1).astype(np.int8)
        found = deciding_tree(CODES, verdict)
        tree = DecisionTreeClassifier(max_depth=2, class_weight="balanced").fit(marks, verdict)
        guess = tree.predict(marks)
        best = np.mean([np.mean(guess[verdict == one] == one) for one in (1, -1)])
        assert found is not None
        assert found.right >= best - 1e-9
