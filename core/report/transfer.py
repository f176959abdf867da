"""Thresholds fitted under one setting and read under another, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from core.errors import CoreError
from core.metrics.arrays import FloatArray
from core.metrics.cells import Numbers, recall
from core.metrics.decision_rules import PerClassThresholds
from core.metrics.difference import Difference, paired_difference
from core.metrics.evidence import DecisionCounts, count_decisions, resample_decisions
from core.metrics.over_classes import macro_f1
from core.metrics.resampling import Resamples
from core.thresholds.compare import common_labels, split_resamples
from core.thresholds.fitting import fit_thresholds
from core.thresholds.policies import policy_named
from core.thresholds.sets import ThresholdSet

if TYPE_CHECKING:
    from core.study import Study

Way = Literal["rank", "raw"]
WAYS: Final[Mapping[Way, str]] = {"rank": "By rank", "raw": "As they are"}

_FITTED_ON: Final = "val"
_SURE: Final = 1e-9


@dataclass(frozen=True)
class TransferMeasure:
    """What thresholds are fitted for, and what is read of them elsewhere.

    policy : by which they are fitted on val.
    of : the figure over all classes, 0..1, higher is better.
    promised : whether the policy asks for a level of every class, so that classes can be counted that keep it.
    """

    name: str
    title: str
    policy: str
    of: Callable[[DecisionCounts], Numbers]
    promised: bool = False


def _mean_recall(counts: DecisionCounts) -> Numbers:
    return counts.mean_over_classes(recall)


MEASURES: Final = (
    TransferMeasure("macro_f1", "Macro F1", "max-f1", macro_f1),
    TransferMeasure("sensitivity", "Mean sensitivity", "fixed-sensitivity", _mean_recall, promised=True),
)
"""In the order on screen. To read another figure, write its line."""


@dataclass(frozen=True)
class TransferCell:
    """Thresholds fitted under one setting, read under another.

    value : NaN where nothing can be decided.
    cost : it less what the other's own thresholds give, in pairs over resamples of the patients.
    n_kept, n_asked : classes that reach the level which was asked for, of those with a threshold and a positive film;
        0 of 0 where none was asked for.
    refused : why the thresholds cannot be read there, a sentence; "" where they can.
    """

    value: float
    cost: Difference | None
    n_kept: int = 0
    n_asked: int = 0
    refused: str = ""


@dataclass(frozen=True)
class Transfer:
    """Every setting's thresholds under every setting.

    cells : by the setting of the fit, then the setting read; where both are one, its own thresholds.
    level : that the policy asks for, 0..1; None where it asks for none.
    """

    way: Way
    measure: TransferMeasure
    settings: tuple[str, ...]
    cells: Mapping[tuple[str, str], TransferCell]
    level: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the matrix as JSON values; None where a figure is undefined or an interval not estimable."""
        return {
            "way": self.way,
            "measure": self.measure.name,
            "level": self.level,
            "cells": [
                {"fitted": fitted, "read": read, **_cell_json(cell)} for (fitted, read), cell in self.cells.items()
            ],
        }


def measure_named(name: str) -> TransferMeasure:
    """Find a measure by its name. CoreError for another."""
    found = next((one for one in MEASURES if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in MEASURES)
        raise CoreError(f"There is no measure {name!r} of transferred thresholds.", remedy=f"Choose one of {known}.")
    return found


def way_words(way: Way) -> str:
    """Say what a way of reading thresholds elsewhere keeps, and when it means anything."""
    if way == "rank":
        return (
            "A threshold is read as the share of the validation films that it calls, and the other setting's cut calls "
            "the same share there. That means the same for scores of any kind."
        )
    return (
        "The number itself is read on the other setting's scores. That means something only where both are scores of "
        "one kind, and training moves their scale: what it costs is how far they are apart."
    )


def transfer(
    study: Study,
    split: str,
    measure: TransferMeasure = MEASURES[0],
    way: Way = "rank",
    *,
    sets: Sequence[ThresholdSet] | None = None,
    resamples: Resamples | None = None,
) -> Transfer | None:
    """Read every setting's thresholds under every setting, on the films of a split.

    sets : of the settings; None fits them by the measure's policy.
    None where thresholds cannot be carried over: the study has no val films, or fewer than two settings with a
    threshold per class.
    """
    chosen = sets or [fit_thresholds(study, setting, measure.policy) for setting in study.settings]
    usable = [one for one in chosen if one.split == _FITTED_ON and not one.is_film_wise]
    if len(usable) < 2 or not len(study.rows(split)):
        return None
    drawn = resamples or split_resamples(study, split)
    labels = common_labels(study, split, [one.setting for one in usable])
    level = policy_named(measure.policy).checked(None) if measure.promised else None
    own = {one.setting: _Read(study, split, one.setting, one.array(), labels, drawn, measure) for one in usable}
    cells = {}
    for fitted in usable:
        for read in usable:
            here = own[read.setting]
            if refused := _refused(way, fitted, read):
                cells[fitted.setting, read.setting] = TransferCell(math.nan, None, refused=refused)
                continue
            cuts = fitted.array() if way == "raw" else _same_share(study, fitted, read.setting)
            is_own = fitted.setting == read.setting
            there = here if is_own else _Read(study, split, read.setting, cuts, labels, drawn, measure)
            cells[fitted.setting, read.setting] = there.cell(None if is_own else here, level)
    return Transfer(way, measure, tuple(own), cells, level)


class _Read:
    """One setting's films decided by some cuts (n_classes,), and the same over resamples."""

    def __init__(
        self,
        study: Study,
        split: str,
        setting: str,
        cuts: FloatArray,
        labels: FloatArray,
        drawn: Resamples,
        measure: TransferMeasure,
    ) -> None:
        decisions = PerClassThresholds(cuts).decide(np.asarray(study.scores(setting)[study.rows(split)]))
        self._counts = count_decisions(labels, decisions)
        self._has_cut = ~np.isnan(cuts)
        self.value = float(measure.of(self._counts))
        self.resampled = np.asarray(measure.of(resample_decisions(labels, decisions, drawn.sums)))

    def cell(self, own: _Read | None, level: float | None) -> TransferCell:
        kept, asked = self._kept(level)
        n = int(self._counts.pooled.tp + self._counts.pooled.fn)
        cost = None if own is None else paired_difference(self.value - own.value, self.resampled - own.resampled, n)
        return TransferCell(self.value, cost, kept, asked)

    def _kept(self, level: float | None) -> tuple[int, int]:
        if level is None:
            return 0, 0
        pairs = zip(self._counts.classes, self._has_cut, strict=True)
        reached = [float(recall(cells)) for cells, has_cut in pairs if has_cut and cells.tp + cells.fn]
        return sum(value >= level - _SURE for value in reached), len(reached)


def _refused(way: Way, fitted: ThresholdSet, read: ThresholdSet) -> str:
    if way == "rank" or fitted.score_kind == read.score_kind:
        return ""
    return f"A {fitted.score_kind} is no {read.score_kind}: a number of one says nothing of the other. Read it by rank."


def _same_share(study: Study, fitted: ThresholdSet, setting: str) -> FloatArray:
    """(n_classes,) cuts that call as many val films under a setting as the set calls under its own; NaN where the set
    has no threshold, infinite where it calls none.
    """
    rows = study.rows(_FITTED_ON)
    own, there = (
        -np.sort(-np.asarray(study.scores(name)[rows], dtype=np.float64), axis=0) for name in (fitted.setting, setting)
    )
    cuts = [_carried(cut, *columns) for cut, *columns in zip(fitted.array(), own.T, there.T, strict=True)]
    return np.array(cuts)


def _carried(cut: float, own: FloatArray, there: FloatArray) -> float:
    """A cut between two of a class's own scores (n,), descending, at the same place between the two of that rank."""
    if math.isnan(cut):
        return math.nan
    n_called = int(np.count_nonzero(own >= cut))
    if not n_called:
        return math.inf
    if n_called == len(own):
        return float(there[-1])
    share = (cut - own[n_called]) / (own[n_called - 1] - own[n_called])
    return float(there[n_called] + share * (there[n_called - 1] - there[n_called]))


def _cell_json(cell: TransferCell) -> dict[str, Any]:
    cost = cell.cost
    interval = None if cost is None or not cost.interval.is_estimable else [cost.interval.low, cost.interval.high]
    return {
        "value": None if math.isnan(cell.value) else cell.value,
        "cost": None if cost is None or math.isnan(cost.value) else cost.value,
        "interval": interval,
        "n_kept": cell.n_kept,
        "n_asked": cell.n_asked,
        "refused": cell.refused or None,
    }
