"""The closed form against direct solutions, by hand, and against scikit-learn's figures."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from core.label_budget.curves import (
    begins_to_beat,
    budgets_up_to,
    compute_curves,
    figures_at,
    groups,
    highest_f1_cut,
    used_films,
)
from core.label_budget.orders import random_order, unlike_order, unsure_order
from core.label_budget.ridge import BIAS_PRIOR, fit_ridge, scores_of
from core.metrics.cumulative import cumulative_counts
from tests.label_budget.made import made_films


@pytest.mark.parametrize("n", [0, 1, 9, 120])
def test_it_equals_an_independent_direct_solution(n: int) -> None:
    """The stacked least-squares problem by its singular values, class by class, unlabelled films left out."""
    films = made_films(unlabelled=True)
    own, labels = films.films["train"][:n].astype(float), films.labels["train"][:n]
    found = fit_ridge(own, labels, films.texts, 2.5)
    for column in range(3):
        read = np.isfinite(labels[:, column])
        root = np.sqrt(np.append(np.full(7, 2.5), BIAS_PRIOR))
        left = np.concatenate([np.append(own[read], np.ones((read.sum(), 1)), axis=1), np.diag(root)])
        right = np.concatenate([labels[read, column], root * np.append(films.texts[column], 0)])
        direct = np.linalg.lstsq(left, right, rcond=None)[0]
        np.testing.assert_allclose(found[column], direct, atol=1e-6)


def test_it_is_where_its_objective_is_least() -> None:
    films = made_films()
    own, labels = films.films["train"].astype(float), films.labels["train"][:, 0]

    def objective(weights: np.ndarray) -> float:
        error = own @ weights[:-1] + weights[-1] - labels
        return float(error @ error + 3 * ((weights[:-1] - films.texts[0]) ** 2).sum())

    least = minimize(objective, np.zeros(8), method="BFGS", options={"gtol": 1e-9}).x
    np.testing.assert_allclose(fit_ridge(own, films.labels["train"], films.texts, 3.0)[0], least, atol=1e-5)


def test_without_labels_it_is_zero_shot() -> None:
    films = made_films()
    weights = fit_ridge(films.films["train"][:0], films.labels["train"][:0], films.texts)
    np.testing.assert_allclose(scores_of(weights, films.films["test"]), films.films["test"] @ films.texts.T, atol=1e-6)


def test_figures_are_scikit_learns() -> None:
    films = made_films(unlabelled=True)
    own, labels = films.films["train"][:50], films.labels["train"][:50]
    weights = fit_ridge(own, labels, films.texts)
    found = figures_at(films, own, labels)
    for column in range(3):
        val, test = (films.labels[split][:, column] for split in ("val", "test"))
        val_scores, scores = (scores_of(weights, films.films[split])[:, column] for split in ("val", "test"))
        read = np.isfinite(test)
        assert found[column, 0] == pytest.approx(roc_auc_score(test[read], scores[read]))
        assert found[column, 1] == pytest.approx(average_precision_score(test[read], scores[read]))
        known = np.isfinite(val)
        cuts = np.unique(val_scores[known])
        f1 = [f1_score(val[known], val_scores[known] >= cut) for cut in cuts]
        cut = cuts[max(range(len(cuts)), key=lambda place: (round(f1[place], 12), place))]
        assert found[column, 2] == pytest.approx(f1_score(test[read], scores[read] >= cut))


def test_a_budget_by_class_pays_for_positives_and_the_negatives_before_the_last_of_them() -> None:
    labels = np.array([[0, 1], [1, 0], [0, np.nan], [1, 1], [0, 0.0]])
    paid = used_films(labels, np.arange(5), 1, by_class=True)
    np.testing.assert_array_equal(paid, [[0, 1], [1, np.nan], [np.nan, np.nan], [np.nan, np.nan], [np.nan, np.nan]])
    np.testing.assert_array_equal(used_films(labels, np.array([4, 1]), 1, by_class=False), [[0, 0]])
    assert len(used_films(labels, np.arange(5), 0, by_class=True)) == 0


def test_patients_are_drawn_whole() -> None:
    order = random_order(["a", "b", "a", "c", "b"], seed=1)
    assert sorted(order.tolist()) == [0, 1, 2, 3, 4]
    names = [["a", "b", "a", "c", "b"][film] for film in order]
    assert len([1 for one, other in pairwise(names) if one != other]) == 2
    assert any(random_order(["a", "b", "c", "d"], seed=k).tolist() != [0, 1, 2, 3] for k in range(5))


def test_the_unlike_come_first() -> None:
    """Two heaps and one film alone: the one alone, then one of each heap."""
    films = np.array([[0, 0], [0, 0.1], [1, 0], [1, 0.1], [0.5, 5.0]])
    order = unlike_order(films)
    assert order[0] == 4
    assert {int(film) // 2 for film in order[1:3]} == {0, 1}
    assert sorted(order.tolist()) == [0, 1, 2, 3, 4]


def test_the_unsure_come_before_the_sure() -> None:
    films = made_films()
    order = unsure_order(films, seed=0)
    assert sorted(order.tolist()) == list(range(120))
    first, train, labels = order[:16], films.films["train"], films.labels["train"]
    chances = np.clip(scores_of(fit_ridge(train[first], labels[first], films.texts), train), 0, 1)
    unsure = (chances * (1 - chances)).sum(axis=1)
    assert unsure[order[16:32]].min() >= unsure[order[32:]].max()


def test_curves_begin_at_the_prompts_and_end_the_same_whatever_the_order() -> None:
    films = made_films()
    curves = compute_curves(films, [random_order(films.patients, seed) for seed in range(4)])
    assert curves.budgets.tolist() == [0, 10, 20, 50, 100, 120]
    np.testing.assert_allclose(curves.values[:, [0, -1]], curves.values[:1, [0, -1]].repeat(4, axis=0))
    np.testing.assert_allclose(curves.macro([0, 1], "auroc"), curves.values[:, :, :2, 0].mean(axis=2))
    assert np.isnan(curves.macro([], "auroc")).all()


def test_where_it_begins_to_beat_no_label_at_all_it_stays_above() -> None:
    films = made_films()
    curves = compute_curves(films, [random_order(films.patients, seed) for seed in range(10)])
    values = curves.values.copy()
    values[:, :, 0, 0] = [0.5, 0.6, 0.4, 0.6, 0.7, 0.8]
    values[0, 3, 0, 0] = 0.3  # one draw of ten may be below
    values[:, :, 1, 0] = 0.5
    assert begins_to_beat(replace(curves, values=values), 0, "auroc", 10) == 50
    assert begins_to_beat(replace(curves, values=values), 1, "auroc", 10) is None


def test_head_medium_and_tail_are_cut_where_papers_cut_and_only_what_can_be_judged_counts() -> None:
    films = made_films(n=300, n_classes=4)
    train, test = np.zeros((300, 4)), np.zeros((150, 4))
    for column, (n_train, n_test) in enumerate(((101, 9), (100, 9), (19, 9), (150, 4))):
        train[:n_train, column], test[:n_test, column] = 1, 1
    made = replace(films, labels={**films.labels, "train": train, "test": test})
    assert groups(made) == {"all": [0, 1, 2], "head": [0], "medium": [1], "tail": [2]}


def test_the_highest_of_equal_cuts_is_frozen() -> None:
    assert highest_f1_cut(cumulative_counts(np.array([1.0, 0, 1]), np.array([0.1, 0.2, 0.9]))) == 0.1
    assert np.isnan(highest_f1_cut(cumulative_counts(np.array([1.0, 1]), np.array([0.1, 0.2]))))
    assert budgets_up_to(15).tolist() == [0, 10, 15]
