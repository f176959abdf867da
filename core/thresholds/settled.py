"""What two cuts a class settle without a reader, as the deck counts it while a hand moves them.

Limits follow from counts in closed form, so that a browser computes the same; reports and files give those of
`grey_zone`, exact and of patients.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.metrics.arrays import FloatArray, checked_labels
from core.metrics.cells import share
from core.metrics.count_intervals import share_interval, share_sums
from core.metrics.patients import Patients, number_patients

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds.sets import ThresholdSet

Z_ONE_SIDED: Final = 1.6448536269514722
"""The 95th percentile of the standard normal distribution: a limit on one side."""


@dataclass(frozen=True)
class Settled:
    """One class under two cuts, over the films that were read for it. Undefined is NaN.

    ruled_out, missed : films below the rule-out cut, and the positives among them.
    missed_high : the share of the ruled-out films that is missed stays below it (one-sided, 95 %).
    ruled_in, right : films from the rule-in cut on, and the positives among them.
    precision_low : the share of the ruled-in films that is positive stays above it (one-sided, 95 %).
    left, left_positive : films between, for a reader, and the positives among them.
    """

    ruled_out: int
    missed: int
    missed_high: float
    ruled_in: int
    right: int
    precision_low: float
    left: int
    left_positive: int

    @property
    def missed_share(self) -> float:
        """Divide the missed by the ruled-out films; NaN where none is ruled out."""
        return float(share(self.missed, self.ruled_out))

    @property
    def precision(self) -> float:
        """Divide the right by the ruled-in films; NaN where none is ruled in."""
        return float(share(self.right, self.ruled_in))

    @property
    def settled(self) -> float:
        """Give the share of the films that no reader needs to see, 0..1; NaN where none was read."""
        n_settled = self.ruled_out + self.ruled_in
        return float(share(n_settled, n_settled + self.left))

    def to_json(self) -> dict[str, float | int | None]:
        """Give all figures as JSON values, None where undefined."""
        shares = {"missed_share": self.missed_share, "precision": self.precision, "settled": self.settled}
        return {name: _or_none(value) for name, value in {**asdict(self), **shares}.items()}


@dataclass(frozen=True)
class SettledFilms:
    """All classes under two cuts.

    per_class : in the study's order.
    labels_settled : the share of the labels that were read that no reader needs to see, 0..1.
    films_settled : the share of the films read for any class that lie in no grey zone, 0..1.
    """

    per_class: Mapping[str, Settled]
    labels_settled: float
    films_settled: float

    def to_json(self) -> dict[str, Any]:
        """Give {"classes": [...], "overall": {...}} of JSON values."""
        overall = {"labels_settled": _or_none(self.labels_settled), "films_settled": _or_none(self.films_settled)}
        return {"classes": [one.to_json() for one in self.per_class.values()], "overall": overall}


def settled_class(labels: FloatArray, scores: FloatArray, cut: float, upper: float, patients: Patients) -> Settled:
    """Count one class: labels {0, 1, NaN = unread, left out} and scores (n_films,), both cuts NaN = nothing is called.

    A film on a cut belongs to what lies above it. Limits are Wilson's, films of one patient counted together; NaN
    where fewer than 5 films stand under them.

    >>> labels, scores = np.array([0, 0, 1, 1.0]), np.array([0.1, 0.2, 0.3, 0.4])
    >>> one = settled_class(labels, scores, 0.2, 0.4, number_patients(None, 4))
    >>> one.ruled_out, one.missed, one.left, one.left_positive, one.ruled_in, one.right
    (1, 0, 2, 1, 1, 1)
    """
    exact = np.asarray(scores, dtype=np.float64)
    read, positive = ~np.isnan(checked_labels(labels)), labels == 1
    above, from_upper = exact >= cut, (exact >= cut) & (exact >= upper)
    out, within = read & ~above, read & from_upper
    missed, right = share_sums(out & positive, out, patients), share_sums(within & positive, within, patients)
    left = read & above & ~from_upper
    return Settled(
        ruled_out=int(missed.trials),
        missed=int(missed.hits),
        missed_high=share_interval(missed, int(missed.trials), Z_ONE_SIDED).high,
        ruled_in=int(right.trials),
        right=int(right.hits),
        precision_low=share_interval(right, int(right.trials), Z_ONE_SIDED).low,
        left=int(np.count_nonzero(left)),
        left_positive=int(np.count_nonzero(left & positive)),
    )


def settled_films(study: Study, split: str, chosen: ThresholdSet) -> SettledFilms:
    """Count all classes of a split under a set of two cuts; under one of one cut nothing is left to a reader."""
    rows = study.rows(split)
    labels = study.judged_labels(chosen.setting)[rows]
    scores = np.asarray(study.scores(chosen.setting)[rows], dtype=np.float64)
    patients = number_patients(study.patient_numbers(rows), len(rows))
    cuts = zip(labels.T, scores.T, chosen.array(), chosen.upper_array(), strict=True)
    columns = [settled_class(*one, patients) for one in cuts]
    read = ~np.isnan(labels)
    left = chosen.left_to_reader(scores) & read
    n_read, n_films = int(np.count_nonzero(read)), int(np.count_nonzero(read.any(axis=1)))
    return SettledFilms(
        per_class=dict(zip(study.classes, columns, strict=True)),
        labels_settled=float(share(n_read - int(np.count_nonzero(left)), n_read)),
        films_settled=float(share(n_films - int(np.count_nonzero(left.any(axis=1))), n_films)),
    )


def _or_none(value: float) -> float | None:
    return None if isinstance(value, float) and math.isnan(value) else value
