"""Settings compared, as a report takes it along: which is best, and what their thresholds are worth elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.metrics.intervals import Interval
from core.report.contest import Contest, contest
from core.report.transfer import WAYS, Transfer, transfer
from core.report.verdict import Verdict, verdict
from core.thresholds.compare import split_resamples
from core.thresholds.sets import ThresholdSet

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class SettingsCompared:
    """What comparing the settings of a study on one split comes to.

    transfers : by rank and as the numbers are; empty where thresholds cannot be carried over.
    """

    contest: Contest
    verdict: Verdict
    transfers: tuple[Transfer, ...]

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON values; None where a figure is undefined or an interval not estimable."""
        found = self.contest
        return {
            "figure": found.figure.name,
            "verdict": self.verdict.kind,
            "sentence": self.verdict.sentence,
            "grounds": self.verdict.grounds,
            "settings": [
                {"setting": row.setting, "value": _number(row.value), "interval": _ends(row.interval)}
                for row in found.rows
            ],
            "differences": [
                {"first": first, "second": second, "value": _number(one.value), "interval": _ends(one.interval)}
                for (first, second), one in found.differences.items()
            ],
            "transfer": [one.to_json() for one in self.transfers],
        }


def compare_settings(study: Study, split: str, sets: Sequence[ThresholdSet]) -> SettingsCompared | None:
    """Compare settings at these thresholds on the films of a split; None where there is no setting or no film."""
    if not sets or not len(study.rows(split)):
        return None
    drawn = split_resamples(study, split)
    found = contest(study, split, sets, resamples=drawn)
    carried = [transfer(study, split, way=way, sets=sets, resamples=drawn) for way in WAYS]
    return SettingsCompared(found, verdict(found), tuple(one for one in carried if one is not None))


def _ends(interval: Interval) -> list[float] | None:
    return [interval.low, interval.high] if interval.is_estimable else None


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
