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
_BESIDE_FROZEN: Final = "They are not the locked thresholds, which stand."
_READ_OTHERWISE: Final = "thresholds that were chosen while labels were read otherwise"


@dataclass(frozen=True)
class WorkingThresholds:
    """A setting's thresholds in this session.

    start : fitted by a policy, or imported.  values, frozen : by class, NaN = no threshold; frozen is None before.
    uppers, frozen_uppers : the rule-in cuts above them, where classes have two cuts; None where they have one.
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
    uppers: tuple[float, ...] | None = None
    frozen_uppers: tuple[float, ...] | None = None
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
    def reference_uppers(self) -> tuple[float, ...] | None:
        """The rule-in cuts that moves are compared with; None where classes have one cut there."""
        return uppers_of(self.start) if self.frozen is None else self.frozen_uppers

    @property
    def n_moved(self) -> int:
        """How many classes are away from the reference, by either cut."""
        pairs = _cuts(self.values, self.uppers), _cuts(self.reference, self.reference_uppers)
        return sum(not all_same(one, other) for one, other in zip(*pairs, strict=True))

    @property
    def is_beside_frozen(self) -> bool:
        """Whether thresholds are frozen, and others are looked at."""
        return self.frozen is not None and self.n_moved > 0

    @property
    def explored_on(self) -> str | None:
        """The split, other than val, on which current thresholds were moved; None where they were not."""
        return explored(self.moved_on)

    def as_set(self) -> ThresholdSet:
        """The current thresholds with their provenance; exploratory where any was chosen off validation."""
        chosen = self.start if self.is_at_start else self._by_hand()
        if self.is_beside_frozen:
            return replace(chosen, is_frozen=False, basis=f"{chosen.basis} {_BESIDE_FROZEN}")
        is_frozen = self.frozen is not None
        return replace(chosen, is_frozen=True) if is_frozen and not chosen.is_frozen else chosen

    @property
    def is_at_start(self) -> bool:
        """Whether every cut stands where it started; two cuts with nothing between are one."""
        return same_cuts(self.values, self.uppers, tuple(map(float, self.start.array())), uppers_of(self.start))

    def _by_hand(self) -> ThresholdSet:
        uppers = None if self.uppers is None else np.array(self.uppers)
        return self.start.with_values(np.array(self.values), self.moved_on or _NOWHERE, uppers=uppers)

    def reference_set(self) -> ThresholdSet:
        """The thresholds that moves are compared with, with their provenance."""
        uppers = self.reference_uppers
        return replace(self, values=self.reference, uppers=uppers, moved_on=self.frozen_on).as_set()


def uppers_of(chosen: ThresholdSet) -> tuple[float, ...] | None:
    """The rule-in cuts of a set; None where its classes have one cut."""
    return tuple(map(float, chosen.upper_array())) if chosen.has_grey_zone else None


def _cuts(values: tuple[float, ...], uppers: tuple[float, ...] | None) -> list[tuple[float, float]]:
    return list(zip(values, values if uppers is None else uppers, strict=True))


def same_cuts(
    values: tuple[float, ...],
    uppers: tuple[float, ...] | None,
    other_values: tuple[float, ...],
    other_uppers: tuple[float, ...] | None,
) -> bool:
    """Whether two pairs of rows of cuts are the same; two cuts with nothing between are one."""
    pairs = zip(_cuts(values, uppers), _cuts(other_values, other_uppers), strict=True)
    return all(all_same(one, other) for one, other in pairs)


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
    return WorkingThresholds(start, tuple(map(float, start.array())), uppers=uppers_of(start), epoch=epoch)


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
    operating: WorkingThresholds,
    values: Sequence[float | None],
    films: SplitCounts,
    number: int,
    uppers: Sequence[float | None] | None = None,
) -> WorkingThresholds:
    """The thresholds after a hand moved some, looking at the films of a split. uppers : None = one cut a class."""
    above = None if uppers is None else _numbers(uppers)
    after = replace(operating, values=_numbers(values), uppers=above, number=number)
    if not after.n_moved:
        return replace(after, moved_on=operating.frozen_on)
    if after.is_at_start:
        return replace(after, moved_on=None)
    return after if operating.explored_on and films.split == "val" else replace(after, moved_on=films)


def _numbers(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(math.nan if value is None else value for value in values)


def carried(kept: WorkingThresholds, start: ThresholdSet, films: SplitCounts) -> WorkingThresholds:
    """The thresholds where labels are read otherwise. start : fitted anew; films : those that it was fitted on.

    What was frozen or imported stays, as if it came from a file; what was moved stays moved, from the new start.
    """
    if kept.frozen is not None or kept.is_imported:
        held, above = np.array(kept.reference), kept.reference_uppers
        linked = linked_set(
            start,
            held,
            kept.frozen_on or films,
            is_exploratory=kept.reference_set().is_exploratory,
            uppers=None if above is None else np.array(above),
        )
        chosen = replace(linked, basis=f"{start.setting}: {_READ_OTHERWISE}.")
        stands = replace(imported(chosen, epoch=kept.epoch), number=kept.number)
        if not kept.n_moved:
            return stands
        return replace(stands, values=kept.values, uppers=kept.uppers, moved_on=kept.moved_on)
    new = begin(start, epoch=kept.epoch)
    own, fitted = _cuts(kept.values, kept.uppers), _cuts(new.values, new.uppers)
    old = _cuts(kept.reference, kept.reference_uppers)
    cuts = [anew if all_same(now, then) else now for now, then, anew in zip(own, old, fitted, strict=True)]
    values = tuple(cut for cut, _ in cuts)
    uppers = None if kept.uppers is None and new.uppers is None else tuple(upper for _, upper in cuts)
    moved_on = None if same_cuts(values, uppers, new.values, new.uppers) else kept.moved_on
    return replace(new, values=values, uppers=uppers, moved_on=moved_on, number=kept.number)


def moved_alone(before: WorkingThresholds, after: WorkingThresholds) -> int | None:
    """The class whose threshold alone differs; None where none or several do."""
    pairs = zip(_cuts(before.values, before.uppers), _cuts(after.values, after.uppers), strict=True)
    places = [place for place, pair in enumerate(pairs) if not all_same(*pair)]
    return places[0] if len(places) == 1 else None


def frozen(operating: WorkingThresholds) -> WorkingThresholds:
    """The current thresholds, frozen with how they were chosen: what the test films are read with."""
    return replace(operating, frozen=operating.values, frozen_uppers=operating.uppers, frozen_on=operating.moved_on)


def back_to_frozen(operating: WorkingThresholds, *, epoch: str) -> WorkingThresholds:
    """The frozen thresholds as they were frozen, where others are looked at; the same where nothing is frozen."""
    if operating.frozen is None:
        return operating
    held, above, chosen_on = operating.frozen, operating.frozen_uppers, operating.frozen_on
    return replace(operating, values=held, uppers=above, moved_on=chosen_on, epoch=epoch)


def unfrozen(operating: WorkingThresholds) -> WorkingThresholds:
    """Moves count from the start again."""
    return replace(operating, frozen=None, frozen_uppers=None, frozen_on=None)
