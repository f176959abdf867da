"""Decisions against labels: counts and the figures that follow from them, unread labels left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import BoolArray, FloatArray, checked_labels, ratio

OUTCOMES: Final = ("TP", "FP", "FN", "TN", "")
"""What a film is to a class, by the code that `outcomes` gives; "" where nobody read it or nothing decides it."""


@dataclass(frozen=True)
class Confusion:
    """Counts of one class over the films that were read for it. Every share is NaN where it is undefined."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def n_positive(self) -> int:
        """Films labelled positive."""
        return self.tp + self.fn

    @property
    def n_predicted(self) -> int:
        """Films decided positive."""
        return self.tp + self.fp

    @property
    def n_read(self) -> int:
        """Films read for the class."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def precision(self) -> float:
        """Share of the predicted that is positive, 0..1; NaN where nothing is predicted."""
        return ratio(self.tp, self.n_predicted)

    @property
    def recall(self) -> float:
        """Share of the positives that is predicted (sensitivity), 0..1; NaN without positives."""
        return ratio(self.tp, self.n_positive)

    @property
    def specificity(self) -> float:
        """Share of the negatives that is not predicted, 0..1; NaN without negatives."""
        return ratio(self.tn, self.tn + self.fp)

    @property
    def f1(self) -> float:
        """2 tp / (2 tp + fp + fn), 0..1; NaN only where there is neither a positive nor a prediction."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)


def confusions(labels: FloatArray, decisions: BoolArray) -> tuple[Confusion, ...]:
    """One Confusion a class.

    labels : (n_films, n_classes) of {0, 1, NaN}; NaN = unread, left out of that class.
    decisions : (n_films, n_classes), True where the class is predicted.
    """
    labels = checked_labels(labels)
    positive, negative = labels == 1, labels == 0
    cells = (positive & decisions, negative & decisions, positive & ~decisions, negative & ~decisions)
    counts = np.stack([np.count_nonzero(cell, axis=0) for cell in cells], axis=1)
    return tuple(Confusion(*(int(count) for count in row)) for row in counts)


def outcomes(labels: FloatArray, decisions: FloatArray) -> npt.NDArray[np.int8]:
    """Codes into OUTCOMES, of the shape of labels {0, 1, NaN = unread} and decisions {0, 1, NaN = undecided}."""
    decided, positive = decisions == 1, labels == 1
    codes = np.where(positive, np.where(decided, 0, 2), np.where(decided, 1, 3))
    return np.where(np.isnan(labels) | np.isnan(decisions), len(OUTCOMES) - 1, codes).astype(np.int8)


def macro_f1(counts: Sequence[Confusion]) -> float:
    """Mean F1 over the classes that have a positive; NaN where no class has one.

    A class without positives could only score 0 or be undefined, whatever the model does, so it is left out.
    """
    values = [count.f1 for count in counts if count.n_positive]
    return float(np.mean(values)) if values else math.nan


def macro_f1_all_classes(counts: Sequence[Confusion]) -> float:
    """Mean F1 over all classes, an undefined one taken as 0: scikit-learn's macro F1 with zero_division=0."""
    return float(np.mean([0.0 if math.isnan(count.f1) else count.f1 for count in counts])) if counts else math.nan


def micro_f1(counts: Sequence[Confusion]) -> float:
    """F1 of the counts summed over classes, 0..1; NaN where nothing is positive or predicted."""
    return pooled(counts).f1


def pooled(counts: Sequence[Confusion]) -> Confusion:
    """The counts of all classes in one."""
    return Confusion(*(sum(getattr(count, cell) for count in counts) for cell in ("tp", "fp", "fn", "tn")))


def exact_matches(labels: FloatArray, decisions: BoolArray) -> FloatArray:
    """(n_films,) 1 where the predicted label set is the true one, else 0; NaN where a label of the film is unread.

    A film with an unread label has no known label set: to compare only what was read would flatter.
    """
    labels = checked_labels(labels)
    matches: FloatArray = np.all((labels == 1) == decisions, axis=1).astype(np.float64)
    matches[np.isnan(labels).any(axis=1)] = np.nan
    return matches


def exact_match(labels: FloatArray, decisions: BoolArray) -> float:
    """Share of the fully read films whose predicted label set is the true one (subset accuracy); NaN without any."""
    matches = exact_matches(labels, decisions)
    known = matches[~np.isnan(matches)]
    return float(known.mean()) if known.size else math.nan
