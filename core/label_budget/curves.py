"""Figures over budgets: what each number of labelled films gives, class by class, over draws of patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.label_budget.films import BudgetFilms
from core.label_budget.ridge import fit_ridge, scores_of
from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray
from core.metrics.cumulative import CumulativeCounts, cumulative_counts
from core.metrics.ranking import auroc_of, average_precision_of

MEASURES: Final = {"auroc": "AUROC", "ap": "Average precision", "f1": "F1, frozen thresholds"}
HEAD_ABOVE, TAIL_BELOW = 100, 20
"""Train positives above which a class is of the head, and below which it is of the tail: the cuts of long-tail papers
(Liu et al., CVPR 2019)."""
_GRID: Final = (0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
SURE: Final = 0.9
"""Share of draws that must be above zero-shot."""


@dataclass(frozen=True, eq=False)
class Curves:
    """Figures of the test films.

    budgets : (B,) labelled films, or positives a class where `by_class`.
    values : (O, B, C, M) of O orders and MEASURES; NaN where undefined.
    """

    budgets: IntArray
    values: FloatArray
    by_class: bool

    def macro(self, judged: Sequence[int], measure: str) -> FloatArray:
        """Average a measure over some classes: (O, B); NaN where there is none."""
        chosen = self.values[:, :, list(judged), list(MEASURES).index(measure)]
        return chosen.mean(axis=2) if len(judged) else np.full(chosen.shape[:2], np.nan)


def budgets_up_to(most: int) -> IntArray:
    """List the budgets at which curves are drawn: round numbers, and all there is."""
    return np.array([*(number for number in _GRID if number < most), most])


def used_films(labels: FloatArray, order: IntArray, budget: int, *, by_class: bool) -> FloatArray:
    """Give the labels (n, C) in their order that a budget pays for; NaN for all others.

    by_class : the budget is the positives of each class, with the negatives that come up before the last of them.
    """
    ordered = labels[order]
    if not by_class:
        return ordered[:budget]
    found = np.cumsum(ordered == 1, axis=0)
    is_paid = (found < budget) | ((found == budget) & (ordered == 1))
    paid = np.where(is_paid, ordered, np.nan)
    return np.full_like(ordered[:0], np.nan) if budget == 0 else paid


def compute_curves(films: BudgetFilms, orders: Sequence[IntArray], *, by_class: bool = False) -> Curves:
    """Compute the figures of every order at every budget."""
    labels = films.labels["train"]
    most = int((labels == 1).sum(axis=0).max()) if by_class else len(labels)
    budgets = budgets_up_to(most)
    values = np.empty((len(orders), len(budgets), len(films.classes), len(MEASURES)))
    nothing = figures_at(films, films.films["train"][:0], labels[:0])
    for number, order in enumerate(orders):
        for place, budget in enumerate(budgets):
            paid = used_films(labels, order, int(budget), by_class=by_class)
            own = films.films["train"][order[: len(paid)]]
            values[number, place] = nothing if budget == 0 else figures_at(films, own, paid)
    return Curves(budgets, values, by_class)


def figures_at(films: BudgetFilms, own: FloatArray, labels: FloatArray) -> FloatArray:
    """Compute (C, M) figures of the test films after some films were learnt from; thresholds are frozen on val."""
    weights = fit_ridge(own, labels, films.texts)
    val, test = (scores_of(weights, films.films[split]) for split in ("val", "test"))
    return figures_of((films.labels["val"], val), (films.labels["test"], test))


def figures_of(val: tuple[FloatArray, FloatArray], test: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Compute (C, M) figures of test films from labels and scores, both (n, C); thresholds are frozen on val."""
    rows = []
    for column in range(test[0].shape[1]):
        frozen = highest_f1_cut(cumulative_counts(val[0][:, column], val[1][:, column]))
        counts = cumulative_counts(test[0][:, column], test[1][:, column])
        rows.append([auroc_of(counts), average_precision_of(counts), _f1(counts, frozen)])
    return np.array(rows)


def highest_f1_cut(counts: CumulativeCounts) -> float:
    """Find the score at and above which F1 is highest, the highest of equals; NaN without a positive or a negative."""
    if not counts.n_positive or not counts.n_negative:
        return float("nan")
    positives, called = counts.positives[:-1], counts.positives[:-1] + counts.negatives[:-1]
    f1 = 2 * positives / (called + counts.n_positive)
    return float(counts.scores[len(f1) - 1 - int(np.argmax(f1[::-1]))])


def _f1(counts: CumulativeCounts, cut: float) -> float:
    """F1 of one class at a cut; NaN without a cut or a positive."""
    if not np.isfinite(cut) or not counts.n_positive:
        return float("nan")
    step = int(np.searchsorted(counts.scores, cut, side="left"))
    positives, negatives = int(counts.positives[step]), int(counts.negatives[step])
    return 2 * positives / (positives + negatives + counts.n_positive)


def groups(films: BudgetFilms) -> dict[str, list[int]]:
    """Sort classes that can be judged by how many train films have them: all, head, medium, tail."""
    judged = [column for column, n in enumerate((films.labels["test"] == 1).sum(axis=0)) if n >= MIN_POSITIVES]
    n_train = (films.labels["train"] == 1).sum(axis=0)
    return {
        "all": judged,
        "head": [column for column in judged if n_train[column] > HEAD_ABOVE],
        "medium": [column for column in judged if TAIL_BELOW <= n_train[column] <= HEAD_ABOVE],
        "tail": [column for column in judged if n_train[column] < TAIL_BELOW],
    }


def begins_to_beat(curves: Curves, column: int, measure: str, n_random: int) -> int | None:
    """Find the least budget from which on nine draws of ten are above no label at all; None where there is none."""
    values = curves.values[:n_random, :, column, list(MEASURES).index(measure)]
    better = (values > values[:, :1]).mean(axis=0) >= SURE
    from_here = np.logical_and.accumulate(better[::-1])[::-1]
    return int(curves.budgets[int(np.argmax(from_here))]) if from_here.any() else None
