"""What Python answers to a move: the figures of every class and over all, with intervals and what the move changed."""

from __future__ import annotations

from typing import Any

from core.metrics.intervals import Interval
from core.report.report import MOST_RESAMPLED
from core.study import Study
from core.thresholds.compare import overall_differences
from pages.shared.working_thresholds import WorkingThresholds
from pages.thresholds import cache


def answer(study: Study, split: str, now: WorkingThresholds) -> dict[str, Any]:
    """JSON values: classes, overall, and of the figures over all classes intervals and changes since the reference."""
    point = cache.operating_figures(study, split, now.as_set())
    return {**point.to_json(), **_resampled(study, split, now), "number": now.number}


def _resampled(study: Study, split: str, now: WorkingThresholds) -> dict[str, Any]:
    if not is_resampled(study, split):
        return {"intervals": None, "changes": None}
    chosen = now.as_set()
    own = cache.resampled(study, split, chosen)
    intervals = {name: _ends(interval) for name, interval in own.intervals().items()}
    if not now.n_moved:
        return {"intervals": intervals, "changes": None}
    before = now.reference_set()
    figures = [cache.operating_figures(study, split, one).overall for one in (chosen, before)]
    differences = overall_differences(figures[0], own, figures[1], cache.resampled(study, split, before))
    return {"intervals": intervals, "changes": {name: _ends(one.interval) for name, one in differences.items()}}


def is_resampled(study: Study, split: str) -> bool:
    """Whether a split holds few enough films to resample them at every move."""
    return 0 < len(study.rows(split)) <= MOST_RESAMPLED


def _ends(interval: Interval) -> list[float] | None:
    """None where not estimable."""
    return [interval.low, interval.high] if interval.is_estimable else None
