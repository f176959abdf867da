"""In which groups of films what holds of all does not hold: where the promise on a class breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.metrics.intervals import Interval
from core.report.subgroups import Subgroup


@dataclass(frozen=True)
class BrokenPromise:
    """A group in which a class's share lies below a level, and its whole 95 % interval does.

    figure : its name among the figures of a class.
    """

    group: str
    figure: str
    value: float
    interval: Interval
    level: float


def broken_promises(
    groups: Sequence[Subgroup], finding: str, levels: Sequence[tuple[str, float]]
) -> tuple[BrokenPromise, ...]:
    """Find the groups whose interval of a figure lies below its level, in the order of the groups.

    levels : names of figures of a class, say "recall", with what is to be reached, 0..1. A group too small for an
        interval breaks nothing that could be shown.
    """
    found = []
    for group in groups:
        metrics = group.per_class[finding]
        for figure, level in levels:
            interval = metrics.intervals[figure]
            if interval.is_estimable and interval.high < level:
                found.append(BrokenPromise(group.title, figure, metrics.values[figure], interval, level))
    return tuple(found)
