"""Decisions against labels: counts and the figures that follow from them, unread labels left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.metrics import cells
from core.metrics.arrays import BoolArray, FloatArray, checked_labels

OUTCOMES: Final = ("TP", "FP", "FN", "TN", "")
"""What a film is to a class, by the code that `outcomes` gives; "" where nobody read it or nothing decides it."""
UNLABELLED: Final = "unlabelled"
"""A film of which nobody said whether it has the class, so that no decision on it is right or wrong."""
OUTCOME_TITLES: Final = {
    "FN": "Missed",
    "TP": "Found",
    "FP": "False alarm",
    "TN": "Rightly silent",
    UNLABELLED: "Not labelled",
    "": "Not decided",
}
"""How a film came out for a class in words, what matters most first."""


@dataclass(frozen=True)
class Confusion:
    """Counts of one class over the films that were read for it. Every share is NaN where it is undefined."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def n_positive(self) -> int:
        """Count the films labelled positive."""
        return self.tp + self.fn

    @property
    def n_predicted(self) -> int:
        """Count the films decided positive."""
        return self.tp + self.fp

    @property
    def n_read(self) -> int:
        """Count the films read for the class."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def precision(self) -> float:
        """Compute the share of the predicted that is positive, 0..1; NaN where nothing is predicted."""
        return float(cells.precision(self))

    @property
    def recall(self) -> float:
        """Compute the share of the positives that is predicted (sensitivity), 0..1; NaN without positives."""
        return float(cells.recall(self))

    @property
    def specificity(self) -> float:
        """Compute the share of the negatives that is not predicted, 0..1; NaN without negatives."""
        return float(cells.specificity(self))

    @property
    def f1(self) -> float:
        """Compute 2 tp / (2 tp + fp + fn), 0..1; NaN only where there is neither a positive nor a prediction."""
        return float(cells.f1(self))


def confusions(labels: FloatArray, decisions: BoolArray) -> tuple[Confusion, ...]:
    """Count one Confusion per class.

    labels : (n_films, n_classes) of {0, 1, NaN}; NaN = unread, left out of that class.
    decisions : (n_films, n_classes), True where the class is predicted.

    >>> confusions(np.array([[1], [0], [1], [np.nan]]), np.array([[True], [True], [False], [True]]))
    (Confusion(tp=1, fp=1, fn=1, tn=0),)
    """
    labels = checked_labels(labels)
    positive, negative = labels == 1, labels == 0
    cells = (positive & decisions, negative & decisions, positive & ~decisions, negative & ~decisions)
    counts = np.stack([np.count_nonzero(cell, axis=0) for cell in cells], axis=1)
    return tuple(Confusion(*(int(count) for count in row)) for row in counts)


def outcomes(labels: FloatArray, decisions: FloatArray) -> npt.NDArray[np.int8]:
    """Compute the codes into OUTCOMES, of the shape of labels {0, 1, NaN = unread} and decisions {0, 1, NaN =
    undecided}.

    >>> [OUTCOMES[code] for code in outcomes(np.array([1, 0, np.nan]), np.array([1, 1, 1]))]
    ['TP', 'FP', '']
    """
    decided, positive = decisions == 1, labels == 1
    codes = np.where(positive, np.where(decided, 0, 2), np.where(decided, 1, 3))
    return np.where(np.isnan(labels) | np.isnan(decisions), len(OUTCOMES) - 1, codes).astype(np.int8)


def exact_matches(labels: FloatArray, decisions: BoolArray) -> FloatArray:
    """Give (n_films,): 1 where the predicted label set is the true one, else 0;
    NaN where a label of the film is unread.

    A film with an unread label has no known label set: to compare only what was read would flatter.

    >>> labels = np.array([[1, 0], [0, 1], [np.nan, 1]])
    >>> exact_matches(labels, np.array([[True, False], [True, True], [True, True]])).tolist()
    [1.0, 0.0, nan]
    """
    labels = checked_labels(labels)
    matches: FloatArray = np.all((labels == 1) == decisions, axis=1).astype(np.float64)
    matches[np.isnan(labels).any(axis=1)] = np.nan
    return matches
