"""The four cells of a class's decisions, and the shares that follow from them: of one count, or of many resamples."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.metrics.arrays import FloatArray, ratios

Numbers = float | FloatArray
"""One number, or one for each resample: (n_resamples,)."""


class Cells(Protocol):
    """Counts of one class over the films that were read for it."""

    @property
    def tp(self) -> Numbers:
        """Positives that are predicted."""

    @property
    def fp(self) -> Numbers:
        """Negatives that are predicted."""

    @property
    def fn(self) -> Numbers:
        """Positives that are not predicted."""

    @property
    def tn(self) -> Numbers:
        """Negatives that are not predicted."""


OfCells = Callable[[Cells], Numbers]
"""A figure that follows from the four cells; NaN where it is undefined."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Cells of whole numbers, of several classes in one, or over resamples of patients: (n_resamples,) each."""

    tp: Numbers
    fp: Numbers
    fn: Numbers
    tn: Numbers


def share(part: Numbers, whole: Numbers) -> Numbers:
    """Divide a part by its whole; NaN where the whole is 0."""
    if isinstance(whole, np.ndarray):
        return ratios(part, whole)
    return part / whole if whole else math.nan


def precision(cells: Cells) -> Numbers:
    """Share of the predicted that is positive, 0..1; NaN where nothing is predicted."""
    return share(cells.tp, cells.tp + cells.fp)


def recall(cells: Cells) -> Numbers:
    """Share of the positives that is predicted (sensitivity), 0..1; NaN without positives."""
    return share(cells.tp, cells.tp + cells.fn)


def specificity(cells: Cells) -> Numbers:
    """Share of the negatives that is not predicted, 0..1; NaN without negatives."""
    return share(cells.tn, cells.tn + cells.fp)


def f1(cells: Cells) -> Numbers:
    """2 tp / (2 tp + fp + fn), 0..1; NaN only where there is neither a positive nor a prediction."""
    return share(2 * cells.tp, 2 * cells.tp + cells.fp + cells.fn)
