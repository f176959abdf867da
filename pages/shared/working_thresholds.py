"""One setting's thresholds while a reader works with them: where they started, were frozen, and stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray
from core.thresholds import SplitCounts, ThresholdSet
from core.thresholds.links import linked_set

_NOWHERE: Final = SplitCounts("val", 0, 0, {})
_READ_OTHERWISE: Final = "thresholds that were chosen while labels were read otherwise"


@dataclass(frozen=True)
class WorkingThresholds:
    """A setting's thresholds in this session.

    start : fitted by a policy, or imported.  values, frozen : by class, NaN = no threshold; frozen is None before.
    moved_on, frozen_on : the films on which the current and the frozen thresholds were moved; films other than those
        of val outlast moves on val, until the thresholds are taken back. None = as they started.
    started_on : the split, other than val, that was looked at when the start was chosen.
    unexplored : the start before that one, to which going back is no exploring.
    is_imported : the start comes from a file and no policy gives it, so that an address must hold it whole.
    epoch, number : which start this is, and how often thresholds were moved since.
    """

    start: ThresholdSet
    values: tuple[float, ...]
    frozen: tuple[float, ...] | None = None
    moved_on: SplitCounts | None = None
    frozen_on: SplitCounts | None = None
    started_on: str | None = None
    unexplored: ThresholdSet | None = None
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

    @property
    def explored_on(self) -> str | None:
        """The split, other than val, on which current thresholds were moved; None where they were not."""
        return explored(self.moved_on)

    def as_set(self) -> ThresholdSet:
        """The current thresholds with their provenance; exploratory where any was chosen off validation."""
        is_start = all_same(self.values, self.start.array())
        chosen = self.start if is_start else self.start.with_values(np.array(self.values), self.moved_on or _NOWHERE)
        is_frozen = self.frozen is not None and not self.n_moved
        return replace(chosen, is_frozen=True) if is_frozen and not chosen.is_frozen else chosen

    def reference_set(self) -> ThresholdSet:
        """The thresholds that moves are compared with, with their provenance."""
        return replace(self, values=self.reference, moved_on=self.frozen_on).as_set()


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def all_same(values: Sequence[float], others: Sequence[float] | FloatArray) -> bool:
    """Whether two rows of thresholds are the same; none equals none."""
    return all(_same(one, float(other)) for one, other in zip(values, others, strict=True))


def explored(films: SplitCounts | None) -> str | None:
    """The split of some films, where choosing on it is exploring."""
    return None if films is None or films.split == "val" else films.split


def begin(start: ThresholdSet, *, epoch: str) -> WorkingThresholds:
    """Thresholds as fitted, nothing moved yet."""
    return WorkingThresholds(start, tuple(map(float, start.array())), epoch=epoch)


def begin_exploring(start: ThresholdSet, before: ThresholdSet, split: str, *, epoch: str) -> WorkingThresholds:
    """Thresholds of a policy that was chosen while looking at a split other than val."""
    return replace(begin(start.chosen_while_reading(split), epoch=epoch), started_on=split, unexplored=before)


def restarted(now: WorkingThresholds, start: ThresholdSet, split: str, *, epoch: str) -> WorkingThresholds:
    """Another policy or number, chosen while reading a split: exploratory off val, but for the way back."""
    before = now.unexplored or now.start
    if split == "val" or start.is_exploratory or start.key == before.key:
        return begin(start, epoch=epoch)
    return begin_exploring(start, before, split, epoch=epoch)


def imported(start: ThresholdSet, *, epoch: str) -> WorkingThresholds:
    """Thresholds from a file: frozen, as they were when it was written."""
    return replace(frozen(begin(start, epoch=epoch)), is_imported=True)


def moved(
    operating: WorkingThresholds, values: tuple[float | None, ...], films: SplitCounts, number: int
) -> WorkingThresholds:
    """The thresholds after a hand moved some, looking at the films of a split."""
    numbers = tuple(math.nan if value is None else value for value in values)
    after = replace(operating, values=numbers, number=number)
    if not after.n_moved:
        return replace(after, moved_on=operating.frozen_on)
    if all_same(numbers, operating.start.array()):
        return replace(after, moved_on=None)
    return after if operating.explored_on and films.split == "val" else replace(after, moved_on=films)


def carried(kept: WorkingThresholds, start: ThresholdSet, films: SplitCounts) -> WorkingThresholds:
    """The thresholds where labels are read otherwise. start : fitted anew; films : those that it was fitted on.

    What was frozen or imported stays, as if it came from a file; what was moved stays moved, from the new start.
    """
    if kept.frozen is not None or kept.is_imported:
        held = np.array(kept.reference)
        linked = linked_set(start, held, kept.frozen_on or films, is_exploratory=kept.reference_set().is_exploratory)
        chosen = replace(linked, basis=f"{start.setting}: {_READ_OTHERWISE}.")
        stands = replace(imported(chosen, epoch=kept.epoch), number=kept.number)
        return stands if not kept.n_moved else replace(stands, values=kept.values, moved_on=kept.moved_on)
    new = begin(start, epoch=kept.epoch)
    pairs = zip(kept.values, kept.reference, new.values, strict=True)
    values = tuple(fitted if _same(own, old) else own for own, old, fitted in pairs)
    moved_on = None if all_same(values, new.values) else kept.moved_on
    return replace(new, values=values, moved_on=moved_on, number=kept.number)


def moved_alone(before: WorkingThresholds, after: WorkingThresholds) -> int | None:
    """The class whose threshold alone differs; None where none or several do."""
    pairs = zip(before.values, after.values, strict=True)
    places = [place for place, pair in enumerate(pairs) if not _same(*pair)]
    return places[0] if len(places) == 1 else None


def frozen(operating: WorkingThresholds) -> WorkingThresholds:
    """The current thresholds, frozen with how they were chosen: what the test films are read with."""
    return replace(operating, frozen=operating.values, frozen_on=operating.moved_on)


def unfrozen(operating: WorkingThresholds) -> WorkingThresholds:
    """Moves count from the start again."""
    return replace(operating, frozen=None, frozen_on=None)
