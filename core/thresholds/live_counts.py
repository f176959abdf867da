"""All classes at their thresholds, kept up to date as one threshold moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels
from core.metrics.classification import Confusion
from core.metrics.cumulative import counts_and_steps
from core.metrics.evidence import DecisionCounts, count_decisions
from core.metrics.overall_figures import Overall
from core.metrics.summary import decided_overall
from core.metrics.threshold_counts import ThresholdCounts

if TYPE_CHECKING:
    from core.study import Study

_NOT_FULLY_READ: Final = 63
"""Added to the wrong labels of a film with an unread one, so that it never counts as all right."""


@dataclass(frozen=True, eq=False)
class DeckTables:
    """What does not change when a threshold moves; to be computed once and shared.

    counts : by class.
    steps : (n_classes, n_films) unsigned, the step of `counts` that each film's score stands on; an unread film stands
        on the one that takes no film.
    turned : (n_classes, n_films) what a film adds to its wrong labels when the class becomes predicted: -1 positive, 1
        negative, 0 unread.
    wrong_unpredicted : (n_films,) wrong labels of each film where nothing is predicted.
    """

    counts: tuple[ThresholdCounts, ...]
    steps: IntArray
    turned: IntArray
    wrong_unpredicted: IntArray
    n_films: int
    n_films_matched: int
    n_films_positive: int

    @classmethod
    def from_arrays(cls, labels: FloatArray, scores: FloatArray) -> DeckTables:
        """Make the tables of labels (n_films, n_classes) of {0, 1, NaN = unread} and scores of the same shape."""
        labels = checked_labels(labels)
        read, positive = ~np.isnan(labels), labels == 1
        fully = read.all(axis=1)
        counts: list[ThresholdCounts] = []
        steps = np.zeros(labels.T.shape, dtype=np.min_scalar_type(len(labels)))
        for own, *column in zip(steps, labels.T, scores.T, strict=True):
            cumulative, own[:] = counts_and_steps(*column)
            counts.append(ThresholdCounts("", cumulative))
        tally = np.int8 if labels.shape[1] < _NOT_FULLY_READ else np.int32
        wrong = positive.sum(axis=1) + np.where(fully, 0, max(_NOT_FULLY_READ, labels.shape[1] + 1))
        return cls(
            counts=tuple(counts),
            steps=steps,
            turned=(read.astype(tally) - 2 * positive.astype(tally)).T.copy(),
            wrong_unpredicted=wrong.astype(tally),
            n_films=int(np.count_nonzero(read.any(axis=1))),
            n_films_matched=int(np.count_nonzero(fully)),
            n_films_positive=int(np.count_nonzero(positive.any(axis=1))),
        )

    @classmethod
    def of_study(cls, study: Study, setting: str, split: str) -> DeckTables:
        """Make the tables of one setting of a study over the films of a split."""
        rows = study.rows(split)
        return cls.from_arrays(study.judged_labels(setting)[rows], study.scores(setting)[rows])

    def start(self, thresholds: FloatArray) -> DeckState:
        """Give the state at thresholds (n_classes,), NaN = the class is never predicted."""
        state = DeckState(self)
        for index, threshold in enumerate(thresholds):
            state.move(index, float(threshold))
        return state


class DeckState:
    """All classes at their thresholds. One for each viewer: moving changes it in place."""

    def __init__(self, tables: DeckTables) -> None:
        """Nothing is predicted yet."""
        self._tables = tables
        self._steps = [counts.scores.size for counts in tables.counts]
        self._wrong = tables.wrong_unpredicted.copy()
        self._n_predicted = np.zeros_like(self._wrong)
        self._cells = [counts.confusion(step) for counts, step in zip(tables.counts, self._steps, strict=True)]

    def move(self, index: int, threshold: float) -> None:
        """Move one class to another threshold; NaN = never predicted."""
        counts = self._tables.counts[index]
        before, after = self._steps[index], counts.step(threshold)
        if before == after:
            return
        own = self._tables.steps[index]
        crossed = ((own >= min(before, after)) & (own < max(before, after))).view(np.int8)
        turned = self._tables.turned[index] * crossed
        turn = np.add if after < before else np.subtract
        turn(self._wrong, turned, out=self._wrong)
        turn(self._n_predicted, crossed, out=self._n_predicted)
        self._steps[index] = after
        self._cells[index] = counts.confusion(after)

    def confusion(self, index: int) -> Confusion:
        """Give the counts of a class."""
        return self._cells[index]

    def step(self, index: int) -> int:
        """Give the step of its counts at which a class stands."""
        return self._steps[index]

    @property
    def wrong(self) -> IntArray:
        """Count (n_films,) the wrong labels of each film; not 0 where a film is not read for every class."""
        return self._wrong.copy()

    @property
    def marks(self) -> BoolArray:
        """Tell (n_films, 2) which films are decided right in every class, and which are called anything."""
        return np.column_stack([self._wrong == 0, self._n_predicted != 0])

    def decision_counts(self) -> DecisionCounts:
        """Give the counts that the figures over all classes follow from."""
        tables = self._tables
        return DecisionCounts(
            self._cells,
            n_right=self._wrong.size - int(np.count_nonzero(self._wrong)),
            n_labelled=int(np.count_nonzero(self._n_predicted)),
            n_films=tables.n_films,
            n_films_matched=tables.n_films_matched,
            n_films_positive=tables.n_films_positive,
        )

    def overall(self) -> Overall:
        """Give the figures over all classes that follow from decisions."""
        return decided_overall(self.decision_counts())


def overall_figures(labels: FloatArray, decisions: BoolArray) -> Overall:
    """Compute the figures over all classes of any decisions (n_films, n_classes), those of film-wise rules too."""
    return decided_overall(count_decisions(labels, decisions))
