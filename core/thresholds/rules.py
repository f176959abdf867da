"""The decision rule that a threshold set stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from core.metrics.arrays import FloatArray
from core.metrics.decision_rules import DecisionRule, PerClassThresholds, RowMinMax, TopK

RULES: Final[Mapping[str, Callable[[FloatArray, float], DecisionRule]]] = {
    "per-class": lambda thresholds, _: PerClassThresholds(thresholds),
    "row-min-max": lambda _, __: RowMinMax(),
    "top-k": lambda _, k: TopK(int(k)),
}
"""By name: from thresholds (n_classes,) and the policy's parameter."""
