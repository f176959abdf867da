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
from core.metrics.classification import confusions
from core.metrics.separation.distances import ClassDistances


@dataclass(frozen=True)
class DecisionCounts:
    """Decisions against labels, unread labels left out.

    classes : the four cells of every class.  n_right : films with the label set that they should have, among the
        n_films_matched that were read for every class.
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
        """The counts of all classes in one."""
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
    """Count decisions (n_films, n_classes) against labels {0, 1, NaN = unread} of that shape."""
    labels = checked_labels(labels)
    marks = _marks_of_films(labels, decisions)
    n_right, n_labelled, n_films, n_matched, n_positive = (int(count) for count in np.count_nonzero(marks, axis=0))
    return DecisionCounts(
        confusions(labels, decisions), n_right, n_labelled, n_films, n_matched, n_positive, is_published
    )


def resample_decisions(
    labels: FloatArray, decisions: BoolArray, sums: Callable[[BoolArray], FloatArray]
) -> ResampledDecisions:
    """Count the same over resamples.

    sums : marks (n_films, m) to their sums over the films of each resample, (n_resamples, m).
    """
    labels = checked_labels(labels)
    positive, negative = labels == 1, labels == 0
    cells = (positive & decisions, negative & decisions, positive & ~decisions, negative & ~decisions)
    counted = sums(np.column_stack([*cells, _marks_of_films(labels, decisions)]))
    columns = list(np.ascontiguousarray(counted.T))
    n = labels.shape[1]
    n_right, n_labelled, n_films, n_matched, n_positive = columns[4 * n :]
    counts = [Counts(*(columns[cell * n + index] for cell in range(4))) for index in range(n)]
    return ResampledDecisions(counts, n_right, n_labelled, n_films, n_matched, n_positive)


def _marks_of_films(labels: FloatArray, decisions: BoolArray) -> BoolArray:
    """(n_films, 5) whether a film is decided right, called anything, read at all, read for every class, positive."""
    read, positive = ~np.isnan(labels), labels == 1
    fully = read.all(axis=1)
    right = fully & ~(positive ^ decisions).any(axis=1)
    return np.column_stack([right, (decisions & read).any(axis=1), read.any(axis=1), fully, positive.any(axis=1)])


@dataclass(frozen=True, eq=False)
class Ranking:
    """How scores rank films within classes, and classes within films.

    labels {0, 1, NaN = unread}, scores : (n_films, n_classes).  aurocs : of every class.
    weights : (n_resamples, n_films) how often each resample holds each film; None = the films as they are.
    is_published : whether a film without a positive label counts, as arXiv 2506.14136 does.
    """

    labels: FloatArray
    scores: FloatArray
    aurocs: Sequence[Numbers]
    weights: FloatArray | None = None
    is_published: bool = False

    def mean_over_classes(self, values: Sequence[Numbers]) -> Numbers:
        """Average over the classes where a value is defined; NaN where none is."""
        if self.weights is not None:
            return mean_of_defined([np.asarray(value) for value in values])
        defined = np.array([value for value in values if not math.isnan(float(value))])
        return float(defined.mean()) if defined.size else math.nan

    def mean_over_films(self, values: FloatArray, published: float) -> Numbers:
        """Average over the films (n_films,) where a value is defined; NaN where none is.

        published : what stands for an undefined value where the paper counts such a film.
        """
        filled = np.where(np.isnan(values), published, values) if self.is_published else values
        defined = ~np.isnan(filled)
        if self.weights is None:
            return float(filled[defined].mean()) if defined.any() else math.nan
        chosen = self.weights[:, defined].astype(np.float64)
        return share(chosen @ filled[defined], chosen.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that is known of a setting on some films; None is what there is not.

    distances : of the classes in the space of the setting's encoder.  minutes : that its training took.
    """

    decisions: DecisionCounts | None = None
    ranking: Ranking | None = None
    distances: ClassDistances | None = None
    minutes: float | None = None


def mean_of_defined(values: Sequence[FloatArray]) -> Numbers:
    """Average (n_resamples,) of every class over the classes that are defined in the resample."""
    table = np.stack(values, axis=1)
    defined = ~np.isnan(table)
    return share(np.where(defined, table, 0.0).sum(axis=1), defined.sum(axis=1))
