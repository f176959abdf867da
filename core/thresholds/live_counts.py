"""All classes at their thresholds, kept up to date as one threshold moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels, ratio
from core.metrics.classification import Confusion, confusions
from core.metrics.threshold_counts import ThresholdCounts

if TYPE_CHECKING:
    from core.study import Study

_NOT_FULLY_READ: Final = 63
"""Added to the wrong labels of a film with an unread one, so that it never counts as all right."""


@dataclass(frozen=True)
class OverallFigures:
    """The figures over all classes. Undefined is NaN.

    macro_f1 : mean over the classes with a positive.  hamming : share of the labels read that are decided wrongly.
    exact_match : share of the n_films_matched films read for every class.
    cardinality, true_cardinality : predicted and read positive labels per film.
    share_labelled, true_share_labelled : films with at least one of them. Both over the n_films read for any class,
        unread labels left out on both sides.
    """

    macro_f1: float
    micro_f1: float
    exact_match: float
    hamming: float
    cardinality: float
    true_cardinality: float
    share_labelled: float
    true_share_labelled: float
    n_films: int
    n_films_matched: int


@dataclass(frozen=True, eq=False)
class DeckTables:
    """What does not change when a threshold moves; to be computed once and shared.

    counts : by class.
    steps : (n_classes, n_films) unsigned, the step of `counts` that each film's score stands on; an unread film stands
        on the one that takes no film.
    turned : (n_classes, n_films) what a film adds to its wrong labels when the class becomes predicted: -1 positive,
        1 negative, 0 unread.
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
        """Tables of labels (n_films, n_classes) of {0, 1, NaN = unread} and scores of the same shape."""
        labels = checked_labels(labels)
        read, positive = ~np.isnan(labels), labels == 1
        fully = read.all(axis=1)
        counts = tuple(ThresholdCounts.from_scores("", *pair) for pair in zip(labels.T, scores.T, strict=True))
        steps = np.zeros(labels.T.shape, dtype=np.min_scalar_type(len(labels)))
        for own, count, column, is_read in zip(steps, counts, scores.T, read.T, strict=True):
            own[:] = np.where(is_read, np.searchsorted(count.scores, np.asarray(column, np.float64)), count.scores.size)
        tally = np.int8 if labels.shape[1] < _NOT_FULLY_READ else np.int32
        wrong = positive.sum(axis=1) + np.where(fully, 0, max(_NOT_FULLY_READ, labels.shape[1] + 1))
        return cls(
            counts=counts,
            steps=steps,
            turned=(read.astype(tally) - 2 * positive.astype(tally)).T.copy(),
            wrong_unpredicted=wrong.astype(tally),
            n_films=int(np.count_nonzero(read.any(axis=1))),
            n_films_matched=int(np.count_nonzero(fully)),
            n_films_positive=int(np.count_nonzero(positive.any(axis=1))),
        )

    @classmethod
    def of_study(cls, study: Study, setting: str, split: str) -> DeckTables:
        """Tables of one setting of a study over the films of a split."""
        rows = study.rows(split)
        return cls.from_arrays(study.labels[rows], study.scores(setting)[rows])

    def start(self, thresholds: FloatArray) -> DeckState:
        """The state at thresholds (n_classes,), NaN = the class is never predicted."""
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
        self._cells = [_cells(counts, step) for counts, step in zip(tables.counts, self._steps, strict=True)]

    def move(self, index: int, threshold: float) -> None:
        """One class to another threshold; NaN = never predicted."""
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
        self._cells[index] = _cells(counts, after)

    def confusion(self, index: int) -> Confusion:
        """The counts of a class."""
        return Confusion(*self._cells[index])

    def overall(self) -> OverallFigures:
        """The figures over all classes."""
        tables = self._tables
        return _overall(
            self._cells,
            n_right=self._wrong.size - int(np.count_nonzero(self._wrong)),
            n_labelled=int(np.count_nonzero(self._n_predicted)),
            sizes=(tables.n_films, tables.n_films_matched, tables.n_films_positive),
        )


def overall_figures(labels: FloatArray, decisions: BoolArray) -> OverallFigures:
    """The same figures of any decisions (n_films, n_classes), those of film-wise rules too."""
    labels = checked_labels(labels)
    read, positive = ~np.isnan(labels), labels == 1
    fully = read.all(axis=1)
    right = fully & ~(positive ^ decisions).any(axis=1)
    sizes = [int(np.count_nonzero(films)) for films in (read.any(axis=1), fully, positive.any(axis=1))]
    return _overall(
        [(count.tp, count.fp, count.fn, count.tn) for count in confusions(labels, decisions)],
        n_right=int(np.count_nonzero(right)),
        n_labelled=int(np.count_nonzero((decisions & read).any(axis=1))),
        sizes=(sizes[0], sizes[1], sizes[2]),
    )


def _overall(
    cells: Sequence[tuple[int, int, int, int]], *, n_right: int, n_labelled: int, sizes: tuple[int, int, int]
) -> OverallFigures:
    """From tp, fp, fn, tn by class; sizes: films read for any class, for every class, and with a positive label."""
    f1 = [2 * tp / (2 * tp + fp + fn) for tp, fp, fn, _ in cells if tp + fn]
    hits, false, missed, rest = (sum(column) for column in zip(*cells, strict=True))
    n_films, n_films_matched, n_films_positive = sizes
    return OverallFigures(
        macro_f1=sum(f1) / len(f1) if f1 else math.nan,
        micro_f1=ratio(2 * hits, 2 * hits + false + missed),
        exact_match=ratio(n_right, n_films_matched),
        hamming=ratio(false + missed, hits + false + missed + rest),
        cardinality=ratio(hits + false, n_films),
        true_cardinality=ratio(hits + missed, n_films),
        share_labelled=ratio(n_labelled, n_films),
        true_share_labelled=ratio(n_films_positive, n_films),
        n_films=n_films,
        n_films_matched=n_films_matched,
    )


def _cells(counts: ThresholdCounts, step: int) -> tuple[int, int, int, int]:
    """tp, fp, fn, tn at a step."""
    tp, fp = int(counts.true_positives[step]), int(counts.false_positives[step])
    return tp, fp, counts.n_positive - tp, counts.n_negative - fp
