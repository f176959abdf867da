"""thresholds.json with the figures that its sets give beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.thresholds.compare import overall_intervals
from core.thresholds.files import threshold_file
from core.thresholds.operating_point import point_of_set
from core.thresholds.policies import POLICIES
from core.thresholds.sets import ThresholdSet, provenance
from core.thresholds.spread import MOST_REFITTED, Spread, threshold_spread

if TYPE_CHECKING:
    from core.metrics.intervals import Interval
    from core.study import Study


def threshold_json(study: Study, split: str | None, sets: Mapping[str, ThresholdSet]) -> str:
    """Write the text of thresholds.json, with figures and intervals on the films of a split.

    split : None = of each set the one it was fitted on; figures are then called optimistic.
    """
    return threshold_file([*sets.values()], {setting: _figures(study, split, one) for setting, one in sets.items()})


def _figures(study: Study, split: str | None, chosen: ThresholdSet) -> dict[str, Any] | None:
    """What the set gives; None where it was fitted on nothing and no split is named.

    By class also F1 on the films of the fit, apparent and corrected for its optimism, and the middle 95 % of the
    thresholds fitted on resampled patients.
    """
    read_on = split or chosen.split
    if read_on is None or not len(study.rows(read_on)):
        return None
    written = point_of_set(study, read_on, chosen).to_json()
    overall = {**written["overall"], **_ends(overall_intervals(study, read_on, chosen))}
    spreads = _spreads(study, chosen)
    per_class = {
        finding: {**figures, **_firmness(spreads.get(finding))}
        for finding, figures in zip(study.classes, written["classes"], strict=True)
    }
    return {
        "split": read_on,
        "reading": provenance(chosen, read_on),
        "per_class": per_class,
        "overall": overall,
    }


def _ends(intervals: Mapping[str, Interval]) -> dict[str, float | None]:
    """The ends of intervals as `macro_f1_low` and so on; None where not estimable."""
    return {
        f"{name}_{end}": value if interval.is_estimable else None
        for name, interval in intervals.items()
        for end, value in (("low", interval.low), ("high", interval.high))
    }


def _spreads(study: Study, chosen: ThresholdSet) -> Mapping[str, Spread]:
    """Empty where no policy was fitted, as by hand, or on more films than can be fitted on 1,000 times."""
    if (
        chosen.split is None
        or chosen.n_films > MOST_REFITTED
        or chosen.policy not in [policy.name for policy in POLICIES]
    ):
        return {}
    return threshold_spread(study, chosen.setting, chosen.policy, chosen.parameter, split=chosen.split or "val")


def _firmness(spread: Spread | None) -> dict[str, float | None]:
    """Of one class, as JSON values."""
    if spread is None:
        return {}
    values = {
        "f1_apparent": spread.apparent_f1,
        "f1_corrected": spread.corrected_f1,
        "threshold_low": spread.low,
        "threshold_high": spread.high,
    }
    return {name: None if math.isnan(value) else value for name, value in values.items()}
