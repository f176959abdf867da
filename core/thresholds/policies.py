"""How a threshold may be chosen, one short function each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.errors import CoreError
from core.metrics.arrays import FloatArray, IntArray
from core.metrics.threshold_counts import ThresholdCounts


@dataclass(frozen=True)
class Policy:
    """A way to choose a threshold.

    choose : the step of a class that has at least one positive. Steps that take no film are not offered, and of
        equally good steps the one with the fewest predictions is taken, so that the choice is reproducible.
    """

    name: str
    title: str
    choose: Callable[[ThresholdCounts], int]

    def fit(self, counts: ThresholdCounts) -> float | None:
        """The threshold of a class; None without a positive, on which no threshold can be fitted."""
        return counts.threshold(self.choose(counts)) if counts.n_positive else None


def _highest_best(values: FloatArray | IntArray) -> int:
    """The last step at which a figure (k + 1,) is largest, the one that takes no film left out."""
    offered = values[:-1]
    return int(offered.size - 1 - np.argmax(offered[::-1]))


def _max_f1(counts: ThresholdCounts) -> int:
    return _highest_best(counts.f1)


def _youden(counts: ThresholdCounts) -> int:
    """Sensitivity + specificity - 1, times both counts: whole numbers, so ties are exact."""
    return _highest_best(counts.true_positives * max(counts.n_negative, 1) - counts.false_positives * counts.n_positive)


def _prevalence_match(counts: ThresholdCounts) -> int:
    return _highest_best(-np.abs(counts.true_positives + counts.false_positives - counts.n_positive))


def _sensitivity_of_80(counts: ThresholdCounts) -> int:
    """The highest step that still takes 4 of 5 positives."""
    return int(np.flatnonzero(5 * counts.true_positives >= 4 * counts.n_positive)[-1])


POLICIES: Final[tuple[Policy, ...]] = (
    Policy("max-f1", "Highest F1", _max_f1),
    Policy("youden", "Highest sensitivity + specificity (Youden's J)", _youden),
    Policy("prevalence-match", "As many predictions as positives", _prevalence_match),
    Policy("fixed-sensitivity", "Sensitivity of at least 0.80", _sensitivity_of_80),
)
"""How a threshold may be chosen. To add one, write its function and a line here."""


def policy_named(name: str) -> Policy:
    """The policy of a name; CoreError where there is none."""
    for policy in POLICIES:
        if policy.name == name:
            return policy
    raise CoreError(
        f"There is no threshold policy {name!r}.",
        remedy=f"Choose one of {', '.join(policy.name for policy in POLICIES)}.",
    )
