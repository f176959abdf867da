"""What a set of thresholds costs: counts of every class and figures over all classes at those thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.classification import Confusion, confusions, exact_match, macro_f1, micro_f1
from core.metrics.decision_rules import PerClassThresholds

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class OperatingPoint:
    """The films of a split under one threshold a class. Undefined is NaN.

    per_class : counts by class, in the study's order.  n_films : of the split.
    n_true, n_predicted : labels over films and classes that were read.
    """

    per_class: dict[str, Confusion]
    macro_f1: float
    micro_f1: float
    exact_match: float
    n_films: int
    n_true: int
    n_predicted: int


def operating_point(study: Study, setting: str, split: str, thresholds: FloatArray) -> OperatingPoint:
    """The figures of a setting on a split; thresholds (n_classes,), NaN = the class is never predicted."""
    rows = study.rows(split)
    labels = study.labels[rows]
    decisions = PerClassThresholds(np.asarray(thresholds, dtype=np.float64)).decide(study.scores(setting)[rows])
    counts = confusions(labels, decisions)
    return OperatingPoint(
        per_class=dict(zip(study.classes, counts, strict=True)),
        macro_f1=macro_f1(counts),
        micro_f1=micro_f1(counts),
        exact_match=exact_match(labels, decisions),
        n_films=len(rows),
        n_true=sum(count.n_positive for count in counts),
        n_predicted=sum(count.n_predicted for count in counts),
    )
