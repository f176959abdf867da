"""Decisions carried over to patients of whom more or fewer have the finding: precision, counts per 1,000, net benefit.

What is assumed: within the patients who have the finding, and within those who have not, scores are spread as they are
here. Recall and specificity then stay, and all else follows from them (Bayes). Where a clinic's patients are also
sicker, or filmed otherwise, that does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.errors import CoreError
from core.metrics import cells
from core.metrics.cells import Cells, share

PATIENTS: Final = 1_000
WEIGHT: Final = 9.0
"""False alarms that one found case is worth, unless a reader says otherwise: a threshold probability of 10 %."""


@dataclass(frozen=True)
class Expected:
    """What to expect of 1,000 patients; NaN where recall, specificity or a ratio is undefined."""

    found: float
    missed: float
    false_alarms: float
    silent: float

    @property
    def precision(self) -> float:
        """Divide the found by all that are called positive."""
        return float(share(self.found, self.found + self.false_alarms))

    @property
    def npv(self) -> float:
        """Divide those who are rightly not called by all who are not."""
        return float(share(self.silent, self.silent + self.missed))

    def net_benefit(self, weight: float = WEIGHT) -> float:
        """Compute the found less the false alarms, so many of which weigh as much as one found case.

        Source: Vickers and Elkin, Medical Decision Making 2006, times 1,000; weight = (1 - p) / p at their p.
        """
        return self.found - self.false_alarms / weight


def expected_at(counts: Cells, prevalence: float) -> Expected:
    """Compute what 1,000 patients would give of whom a share has the finding, 0..1.

    Raises CoreError for a share outside 0..1.

    >>> from core.metrics.cells import Counts
    >>> one = expected_at(Counts(tp=9, fp=10, fn=1, tn=90), 0.5)
    >>> one.found, round(one.false_alarms, 9), round(one.precision, 3)
    (450.0, 50.0, 0.9)
    """
    if not 0 <= prevalence <= 1:
        raise CoreError(f"A prevalence of {prevalence:g} is no share.", remedy="Give a share from 0 to 1.")
    recall, specificity = float(cells.recall(counts)), float(cells.specificity(counts))
    sick, well = PATIENTS * prevalence, PATIENTS * (1 - prevalence)
    return Expected(sick * recall, sick * (1 - recall), well * (1 - specificity), well * specificity)


def whole_patients(expected: Expected) -> tuple[int, int, int, int]:
    """Give found, missed, false alarms and silent as whole patients that add up to 1,000, by largest remainders."""
    parts = (expected.found, expected.missed, expected.false_alarms, expected.silent)
    whole = [int(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda place: whole[place] - parts[place])
    for place in order[: PATIENTS - sum(whole)]:
        whole[place] += 1
    return whole[0], whole[1], whole[2], whole[3]
