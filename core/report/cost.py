"""What a setting cost to make: time, trained parameters, labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.settings import registry

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class Cost:
    """One way to count what a setting cost.

    name, title : in files and on screen.
    of : a study and a setting's name to the number; NaN where nobody recorded it, 0 where nothing was spent.
    """

    name: str
    title: str
    digits: int
    of: Callable[[Study, str], float]


def _minutes(study: Study, setting: str) -> float:
    entry = study.manifest.settings[setting]
    return 0.0 if _learns_nothing(setting) else _known(entry.minutes)


def _parameters(study: Study, setting: str) -> float:
    if _learns_nothing(setting):
        return 0.0
    record = study.manifest.settings[setting].training
    return math.nan if record is None else float(record.n_parameters)


def _films(study: Study, setting: str) -> float:
    if _learns_nothing(setting):
        return 0.0
    record = study.manifest.settings[setting].training
    return math.nan if record is None else float(record.n_films)


def _labels(study: Study, setting: str) -> float:
    if _learns_nothing(setting):
        return 0.0
    trained = study.manifest.settings[setting].trained_on
    return math.nan if trained is None else float(sum(map(sum, trained.values())))


COSTS: Final = (
    Cost("minutes", "Training time (min)", 2, _minutes),
    Cost("parameters", "Trained parameters", 0, _parameters),
    Cost("films", "Films learnt from", 0, _films),
    Cost("labels", "Labels learnt from", 0, _labels),
)
"""In the order of tables. To count another cost, write its line."""


def cost_named(name: str) -> Cost:
    """Find a cost by its name."""
    return next(cost for cost in COSTS if cost.name == name)


def _learns_nothing(setting: str) -> bool:
    known = registry.known(setting)
    return known is not None and not known.learns


def _known(value: float | None) -> float:
    return math.nan if value is None else float(value)
