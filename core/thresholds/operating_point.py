"""What a set of thresholds costs: counts of every class and figures over all classes at those thresholds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.class_figures import class_figures_in, class_intervals
from core.metrics.classification import Confusion, confusions
from core.metrics.decision_rules import PerClassThresholds
from core.metrics.intervals import Interval
from core.metrics.overall_figures import Overall
from core.metrics.patients import number_patients
from core.thresholds.live_counts import DeckTables, overall_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.study import Study
    from core.thresholds.sets import ThresholdSet


@dataclass(frozen=True)
class OperatingPoint:
    """The films of a split under one threshold per class. Undefined is NaN.

    per_class : counts by class, in the study's order.
    overall : the figures over all classes.
    intervals : by class, 95 %, of f1, precision, recall and specificity, films of one patient counted together.
    n_films : of the split.
    """

    per_class: Mapping[str, Confusion]
    overall: Overall
    intervals: Mapping[str, Mapping[str, Interval]]
    n_films: int

    def to_json(self) -> dict[str, Any]:
        """Give {"classes": [...], "overall": {...}} of JSON values, None where undefined: what a browser shows."""
        rows = [_class_values(self.per_class[finding], self.intervals[finding]) for finding in self.per_class]
        return {"classes": rows, "overall": _with_none(self.overall.of_decisions())}


def operating_point(
    study: Study, setting: str, split: str, thresholds: FloatArray, tables: DeckTables | None = None
) -> OperatingPoint:
    """Compute the figures of a setting on a split; thresholds (n_classes,), NaN = the class is never predicted.

    tables : of that setting and split, where they are at hand: counts are then looked up.
    """
    cuts = np.asarray(thresholds, dtype=np.float64)
    state = (tables or DeckTables.of_study(study, setting, split)).start(cuts)
    rows = study.rows(split)
    decisions = PerClassThresholds(cuts).decide(study.scores(setting)[rows])
    counts = [state.confusion(index) for index in range(len(study.classes))]
    return _point(study, split, study.judged_labels(setting)[rows], decisions, counts, state.overall())


def point_of_set(study: Study, split: str, chosen: ThresholdSet, tables: DeckTables | None = None) -> OperatingPoint:
    """Compute the figures of a threshold set on the films of a split, film by film where it decides so."""
    if not chosen.is_film_wise:
        return operating_point(study, chosen.setting, split, chosen.array(), tables)
    rows = study.rows(split)
    decisions = chosen.rule().decide(study.scores(chosen.setting)[rows])
    return point_of_decisions(study, split, study.judged_labels(chosen.setting)[rows], decisions)


def point_of_decisions(study: Study, split: str, labels: FloatArray, decisions: BoolArray) -> OperatingPoint:
    """Compute the figures of any decisions on the films of a split, film-wise rules included.

    labels {0, 1, NaN}, decisions : (n_films, n_classes), rows as the split's.
    """
    return _point(study, split, labels, decisions, confusions(labels, decisions), overall_figures(labels, decisions))


def _point(
    study: Study,
    split: str,
    labels: FloatArray,
    decisions: BoolArray,
    counts: Sequence[Confusion],
    overall: Overall,
) -> OperatingPoint:
    rows = study.rows(split)
    patients = number_patients(study.patient_numbers(rows), len(rows))
    return OperatingPoint(
        per_class=dict(zip(study.classes, counts, strict=True)),
        overall=overall,
        intervals={
            finding: class_intervals(labels[:, index], decisions[:, index], patients)
            for index, finding in enumerate(study.classes)
        },
        n_films=len(rows),
    )


def _class_values(counts: Confusion, intervals: Mapping[str, Interval]) -> dict[str, Any]:
    """Counts, shares, and the ends of their intervals as `f1_low` and so on."""
    values: dict[str, Any] = asdict(counts)
    for figure in class_figures_in("deck"):
        if figure.of_decisions is not None:
            values[figure.name] = figure.of_cells(counts)
            values |= _ends(figure.name, intervals.get(figure.name))
    return _with_none(values)


def _ends(name: str, interval: Interval | None) -> dict[str, float]:
    return {} if interval is None else {f"{name}_low": interval.low, f"{name}_high": interval.high}


def _with_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in values.items()}
