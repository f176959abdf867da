"""What Python answers to a move: the figures of every class and over all, with intervals and what the move changed."""

from __future__ import annotations

from typing import Any, Final

from core.metrics.class_figures import class_figures_in
from core.metrics.intervals import Interval
from core.metrics.overall_figures import overall_figures_in
from core.study import Study
from core.thresholds.compare import overall_differences
from pages.shared.working_thresholds import WorkingThresholds
from pages.thresholds import cache

MOST_RESAMPLED: Final = 20_000
"""Films up to which figures over all classes are resampled at every move."""


def answer(study: Study, split: str, now: WorkingThresholds) -> dict[str, Any]:
    """JSON values: classes, overall, and of the figures over all classes intervals and changes since the reference."""
    point = cache.operating_figures(study, split, now.as_set())
    settled = None if now.uppers is None else cache.settled(study, split, now.as_set()).to_json()
    return {**point.to_json(), **_resampled(study, split, now), "settled": settled, "number": now.number}


def _resampled(study: Study, split: str, now: WorkingThresholds) -> dict[str, Any]:
    if not is_resampled(study, split):
        return {"intervals": None, "changes": None}
    chosen = now.as_set()
    own = cache.resampled(study, split, chosen)
    intervals = {name: {"ends": _ends(one), "n": one.n} for name, one in own.intervals().items()}
    if not now.n_moved:
        return {"intervals": intervals, "changes": None}
    before = now.reference_set()
    figures = [cache.operating_figures(study, split, one).overall for one in (chosen, before)]
    differences = overall_differences(figures[0], own, figures[1], cache.resampled(study, split, before))
    return {"intervals": intervals, "changes": {name: _ends(one.interval) for name, one in differences.items()}}


def figures_shown() -> dict[str, list[dict[str, Any]]]:
    """List the figures of a class and over classes that the deck shows, as JSON values."""
    classes = [one for one in class_figures_in("deck") if one.of_decisions is not None]
    overall = [one for one in overall_figures_in("deck") if one.of_decisions is not None]
    return {
        "classes": [{"name": one.name, "title": one.title, "help": one.help, "digits": one.digits} for one in classes],
        "overall": [
            {"name": one.name, "title": one.title, "help": one.help, "digits": one.digits, "beside": one.beside}
            for one in overall
        ],
    }


def is_resampled(study: Study, split: str) -> bool:
    """Whether a split holds few enough films to resample them at every move."""
    return 0 < len(study.rows(split)) <= MOST_RESAMPLED


def _ends(interval: Interval) -> list[float] | None:
    """None where not estimable."""
    return [interval.low, interval.high] if interval.is_estimable else None
