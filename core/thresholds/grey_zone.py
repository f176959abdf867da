"""What two cuts settle: films ruled out, ruled in, and left to a reader."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.metrics.exact_binomial import upper_limit
from core.thresholds.class_scores import ClassScores, FilmScores
from core.thresholds.promises import NPV, PRECISION

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds.sets import ThresholdSet

_RISK: Final = 0.05


@dataclass(frozen=True)
class GreyZone:
    """One class's labelled films under two cuts. Undefined is NaN.

    ruled_out, missed : films below the rule-out cut, and the positives among them.
    ruled_in, right : films from the rule-in cut on, and the positives among them.
    left : films between the cuts, which a reader looks at.
    missed_at_most : of patients with a film ruled out, the share with a positive one among these: its 95 % upper limit,
        one-sided and exact, patients counted once.
    right_at_least : of patients with a film ruled in, the share without a negative one among these: the lower limit.
    """

    finding: str
    ruled_out: int
    missed: int
    ruled_in: int
    right: int
    left: int
    missed_at_most: float
    right_at_least: float

    @property
    def settled(self) -> float:
        """Give the share of the films that no reader looks at, 0..1; NaN without a labelled film."""
        n_films = self.ruled_out + self.ruled_in + self.left
        return (self.ruled_out + self.ruled_in) / n_films if n_films else math.nan


def grey_zones(study: Study, split: str, chosen: ThresholdSet) -> tuple[GreyZone | None, ...]:
    """Count every class on the films of a split; None for a class without cuts, empty for a set of one cut a class."""
    if not chosen.has_grey_zone:
        return ()
    films = FilmScores.of_study(study, chosen.setting, split)
    cuts = zip(films.by_class, chosen.array(), chosen.upper_array(), strict=True)
    return tuple(None if math.isnan(low) else grey_zone(scores, float(low), float(high)) for scores, low, high in cuts)


def grey_zone(scores: ClassScores, low: float, high: float) -> GreyZone:
    """Count one class under a rule-out and a rule-in cut, low <= high."""
    counts = scores.counts
    below, above = counts.at(low), counts.at(high)
    ruled_out, ruled_in = below.fn + below.tn, above.n_predicted
    n_missed, n_out = NPV.counted(scores, low)
    n_wrong, n_in = PRECISION.counted(scores, high)
    return GreyZone(
        finding=counts.finding,
        ruled_out=ruled_out,
        missed=below.fn,
        ruled_in=ruled_in,
        right=above.tp,
        left=below.n_read - ruled_out - ruled_in,
        missed_at_most=upper_limit(n_missed, n_out, _RISK),
        right_at_least=1 - upper_limit(n_wrong, n_in, _RISK) if n_in else math.nan,
    )
