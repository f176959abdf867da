"""One setting's thresholds while a reader works with them: where they started, were frozen, and stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.metrics.arrays import FloatArray
from core.thresholds import ThresholdSet


@dataclass(frozen=True)
class Operating:
    """A setting's thresholds in this session.

    start : fitted by a policy, or imported.  values, frozen : by class, NaN = no threshold; frozen is None before.
    explored_on : the split, other than val, on which a threshold was moved since the last reset; None where none was.
    is_imported : the start comes from a file, so that an address must hold it whole.
    epoch, number : which start this is, and how often thresholds were moved since.
    """

    start: ThresholdSet
    values: tuple[float, ...]
    frozen: tuple[float, ...] | None = None
    explored_on: str | None = None
    is_imported: bool = False
    epoch: str = ""
    number: int = 0

    @property
    def reference(self) -> tuple[float, ...]:
        """What moves are compared with: the frozen thresholds, else those it started from."""
        return tuple(map(float, self.start.array())) if self.frozen is None else self.frozen

    @property
    def n_moved(self) -> int:
        """How many thresholds are away from the reference."""
        return sum(not _same(one, other) for one, other in zip(self.values, self.reference, strict=True))

    def as_set(self) -> ThresholdSet:
        """The current thresholds with their provenance; exploratory where any was chosen off validation."""
        if all_same(self.values, self.start.array()):
            return self.start
        return self.start.with_values(np.array(self.values), split=self.explored_on or self.start.split or "test")


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def all_same(values: Sequence[float], others: Sequence[float] | FloatArray) -> bool:
    """Whether two rows of thresholds are the same; none equals none."""
    return all(_same(one, float(other)) for one, other in zip(values, others, strict=True))


def begin(start: ThresholdSet, *, epoch: str) -> Operating:
    """Thresholds as fitted, nothing moved yet."""
    return Operating(start, tuple(map(float, start.array())), epoch=epoch)


def imported(start: ThresholdSet, *, epoch: str) -> Operating:
    """Thresholds from a file: frozen, as they were when it was written."""
    return replace(frozen(begin(start, epoch=epoch)), is_imported=True)


def moved(operating: Operating, values: tuple[float | None, ...], split: str, number: int) -> Operating:
    """The thresholds after a hand moved some, looking at the films of a split."""
    numbers = tuple(math.nan if value is None else value for value in values)
    after = replace(operating, values=numbers, number=number)
    if not after.n_moved:
        return replace(after, explored_on=None)
    return after if split == "val" else replace(after, explored_on=split)


def frozen(operating: Operating) -> Operating:
    """The current thresholds, frozen: what the test films are read with."""
    return replace(operating, frozen=operating.values)


def unfrozen(operating: Operating) -> Operating:
    """Moves count from the start again."""
    return replace(operating, frozen=None)
