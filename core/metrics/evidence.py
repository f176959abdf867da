"""What the figures over all classes are computed from: decisions, rankings, distances, the time that training took.

Decisions and rankings are of the films as they are, or of resamples of their patients; a figure is written once for
both. The films as they are give one number, resamples one number each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, checked_labels
from core.metrics.cells import Cells, Counts, Numbers, OfCells, share
from core.metrics.classification import Confusion, confusions
from core.metrics.separation.distances import ClassDistances


@dataclass(frozen=True)
class DecisionCounts:
    """Decisions against labels, unread labels left out.

    classes : the four cells of every class.
    n_right : films with the label set that they should have, among the n_films_matched that were read for every class.
    n_labelled, n_films_positive : films with a predicted, and with a true label, among the n_films read for any class.
    is_published : whether means count every class, an undefined figure as 0, as arXiv 2506.14136 does.
    """

    classes: Sequence[Cells]
    n_right: Numbers
    n_labelled: Numbers
    n_films: Numbers
    n_films_matched: Numbers
    n_films_positive: Numbers
    is_published: bool = False

    @cached_property
    def pooled(self) -> Cells:
        """Give the counts of all classes in one."""
        columns = zip(*((one.tp, one.fp, one.fn, one.tn) for one in self.classes), strict=True)
        return Counts(*(sum(column) for column in columns))

    def mean_over_classes(self, figure: OfCells) -> Numbers:
        """Average a figure over the classes that have a positive and where it is defined; NaN where none has.

        A class without positives could only score 0 or be undefined, whatever the model does, so it is left out.
        """
        if self.is_published:
            values = [float(figure(cells)) for cells in self.classes]
            defined = [value if value == value else 0.0 for value in values]
        else:
            values = [float(figure(cells)) for cells in self.classes if cells.tp + cells.fn]
            defined = [value for value in values if value == value]
        return float(np.add.reduce(defined)) / len(defined) if defined else math.nan


@dataclass(frozen=True)
class ResampledDecisions(DecisionCounts):
    """The same over resamples of patients; every number (n_resamples,)."""

    def mean_over_classes(self, figure: OfCells) -> Numbers:
        """Average a figure over the classes that have a positive in the resample and where it is defined."""
        return mean_of_defined([np.where(one.tp + one.fn > 0, figure(one), np.nan) for one in self.classes])


def count_decisions(labels: FloatArray, decisions: BoolArray, *, is_published: bool = False) -> DecisionCounts:
    """Count decisions (n_films, n_classes) against labels {0, 1, NaN = unread} of that shape.

    >>> counts = count_decisions(np.array([[1, 0], [1, 1]]), np.array([[True, False], [False, True]]))
    >>> float(counts.pooled.tp), float(counts.pooled.fn)
    (2.0, 1.0)
    """
    labels = checked_labels(labels)
    marks = _marks_of_films(_by_class(labels == 1), _by_class(labels == 0), _by_class(decisions))
    n_right, n_labelled, n_films, n_matched, n_positive = (int(count) for count in np.count_nonzero(marks, axis=1))
    return DecisionCounts(
        confusions(labels, decisions), n_right, n_labelled, n_films, n_matched, n_positive, is_published
    )


def resample_decisions(
    labels: FloatArray, decisions: BoolArray, sums: Callable[[BoolArray], FloatArray]
) -> ResampledDecisions:
    """Count the same over resamples.

    sums : marks (n_films, m) to their sums over the films of each resample, (n_resamples, m).
    """
    return count_resampled(labels, decisions, sums)[1]


def count_resampled(
    labels: FloatArray, decisions: BoolArray, sums: Callable[[BoolArray], FloatArray]
) -> tuple[DecisionCounts, ResampledDecisions]:
    """Count the films as they are and over resamples, from the same marks; arguments as of `resample_decisions`."""
    labels = checked_labels(labels)
    positive, negative, decided = _by_class(labels == 1), _by_class(labels == 0), _by_class(decisions)
    cells = (positive & decided, negative & decided, positive & ~decided, negative & ~decided)
    marks = np.concatenate([*cells, _marks_of_films(positive, negative, decided)])
    n = labels.shape[1]
    own = [int(number) for number in np.count_nonzero(marks, axis=1)]
    counted = list(np.ascontiguousarray(sums(marks.T).T))
    right, labelled, films, matched, with_positive = own[4 * n :]
    cells_of = [Confusion(*own[index : 4 * n : n]) for index in range(n)]
    whole = DecisionCounts(cells_of, right, labelled, films, matched, with_positive)
    drawn = [Counts(*counted[index : 4 * n : n]) for index in range(n)]
    n_right, n_labelled, n_films, n_matched, n_positive = counted[4 * n :]
    return whole, ResampledDecisions(drawn, n_right, n_labelled, n_films, n_matched, n_positive)


def _by_class(marks: BoolArray) -> BoolArray:
    """(n_classes, n_films), the films of a class one after another: what follows goes several times as fast on them."""
    return np.ascontiguousarray(marks.T)


def _marks_of_films(positive: BoolArray, negative: BoolArray, decisions: BoolArray) -> BoolArray:
    """(5, n_films) whether a film is decided right, called anything, read at all, read for every class, positive; of
    marks (n_classes, n_films).
    """
    read = positive | negative
    fully = read.all(axis=0)
    right = fully & ~(positive ^ decisions).any(axis=0)
    return np.stack([right, (decisions & read).any(axis=0), read.any(axis=0), fully, positive.any(axis=0)])


@dataclass(frozen=True, eq=False)
class Ranking:
    """How scores rank films within classes, and classes within films.

    labels {0, 1, NaN = unread}, scores : (n_films, n_classes).
    aurocs : of every class.
    totals : numbers (n_films, m) to their sums over the films of each resample, (n_resamples, m); None = the films as
        they are.
    is_published : whether a film without a positive label counts, as arXiv 2506.14136 does.
    """

    labels: FloatArray
    scores: FloatArray
    aurocs: Sequence[Numbers]
    totals: Callable[[FloatArray], FloatArray] | None = None
    is_published: bool = False

    def mean_over_classes(self, values: Sequence[Numbers]) -> Numbers:
        """Average values over the classes where a value is defined; NaN where none is."""
        if self.totals is not None:
            return mean_of_defined([np.asarray(value) for value in values])
        defined = np.array([value for value in values if not math.isnan(float(value))])
        return float(defined.mean()) if defined.size else math.nan

    def mean_over_films(self, values: FloatArray, published: float) -> Numbers:
        """Average values over the films (n_films,) where a value is defined; NaN where none is.

        published : what stands for an undefined value where the paper counts such a film.
        """
        filled = np.where(np.isnan(values), published, values) if self.is_published else values
        defined = ~np.isnan(filled)
        if self.totals is None:
            return float(filled[defined].mean()) if defined.any() else math.nan
        of_films, n_films = self.totals(np.column_stack([np.where(defined, filled, 0.0), defined])).T
        return share(of_films, n_films)


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that is known of a setting on some films; None is what there is not.

    distances : of the classes in the space of the setting's encoder.
    minutes : that its training took.
    """

    decisions: DecisionCounts | None = None
    ranking: Ranking | None = None
    distances: ClassDistances | None = None
    minutes: float | None = None


def mean_of_defined(values: Sequence[FloatArray]) -> Numbers:
    """Average values (n_resamples,) of every class over the classes that are defined in the resample."""
    table = np.stack(values, axis=1)
    defined = ~np.isnan(table)
    return share(np.where(defined, table, 0.0).sum(axis=1), defined.sum(axis=1))
