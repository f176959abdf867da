"""The shortcut audit: is a class told as well where another finding is present, or in another group of films?

It needs no twin films, so it is for every study; what it finds goes with a group, and is no proof of a cause.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

import numpy as np

from core.findings import NO_FINDING
from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.auroc_interval import auroc_interval
from core.metrics.bootstrap import resampled_aurocs
from core.metrics.difference import Difference, independent_difference
from core.metrics.intervals import Interval
from core.metrics.patients import number_patients
from core.report.subgroups import NOT_RECORDED, available_groupings
from core.study.read import Study
from core.words import count_words, difference_words, figure_words

_LEVEL: Final = 0.95


@dataclass(frozen=True)
class AuditRow:
    """One class in a group of films against the other films. AUROC in 0..1, NaN where a side lacks a kind of film.

    by, group : what parts the films, and the group, such as "Sex" and "F"; "" for the films with another class.
    inside, outside : AUROC in the group and in the others, each with its interval.
    difference : inside minus outside; not estimable where a side has fewer than 5 positives or negatives.
    n_positive : films with the class, inside and outside.
    stands_out : whether the difference is not 0 with 95 % certainty for all comparisons together.
    """

    finding: str
    by: str
    group: str
    inside: float
    inside_interval: Interval
    outside: float
    outside_interval: Interval
    difference: Difference
    n_positive: tuple[int, int]
    stands_out: bool = False

    @property
    def where(self) -> str:
        """Name the group."""
        return f"{self.by} {self.group}" if self.group else f"films with {self.by}"

    @property
    def words(self) -> str:
        """Say the comparison in a sentence."""
        return (
            f"{self.finding}, {self.where}: AUROC {figure_words(self.inside, self.inside_interval, 2)}, the other "
            f"films {figure_words(self.outside, self.outside_interval, 2)}; "
            f"{difference_words(self.difference.value, self.difference.interval, 2)}; "
            f"{self.n_positive[0]:,} and {self.n_positive[1]:,} positives."
        )


@dataclass(frozen=True)
class Audit:
    """All comparisons of a setting.

    rows : those that can be made, the greatest difference against its uncertainty first.
    n_too_few : comparisons that cannot, for a side has fewer than 5 films with the class or 5 without it.
    """

    setting: str
    split: str
    rows: tuple[AuditRow, ...]
    n_too_few: int

    @property
    def sentence(self) -> str:
        """Name the worst, with how many were made."""
        made = f"{count_words(len(self.rows))} comparisons, {count_words(self.n_too_few)} more have too few films"
        if not self.rows:
            return f"No group is large enough to compare ({made})."
        worst = next((row for row in self.rows if row.stands_out and row.difference.value < 0), None)
        if worst is not None:
            return f"Told worst: {worst.words} It holds with 95 % certainty for all comparisons together ({made})."
        first = min(self.rows, key=lambda row: row.difference.value)
        return f"Nothing is surely told worse, with all comparisons counted ({made}). The lowest: {first.words}"


def shortcut_audit(study: Study, setting: str, split: str = "test") -> Audit:
    """Compare every class's AUROC in every group of films with its AUROC in the others.

    Groups are made by every other class, present or not, and by age, sex and view where they are recorded.
    Raises StudyError where the split does not exist.
    """
    rows = study.rows(split)
    labels, scores = study.judged_labels(setting)[rows], np.asarray(study.scores(setting)[rows], dtype=np.float64)
    patients = study.patient_ids(rows)
    made = [
        _compared(study.classes[column], by, group, labels[:, column], scores[:, column], member, known, patients)
        for by, group, member, known in _groups(study, rows)
        for column in range(len(study.classes))
        if study.classes[column] != by and NO_FINDING not in (by, study.classes[column])
    ]
    estimable = [row for row in made if row.difference.interval.is_estimable]
    return Audit(setting, split, _ranked(estimable), len(made) - len(estimable))


def _groups(study: Study, rows: IntArray) -> Iterator[tuple[str, str, BoolArray, BoolArray]]:
    """What parts the films, the group, whose films they are (n,), and of which films that is known (n,)."""
    for column, finding in enumerate(study.classes):
        labels = study.labels[rows, column]
        yield finding, "", labels == 1, ~np.isnan(labels)
    for grouping in available_groupings(study):
        parts = grouping.part(study.images[grouping.column].iloc[rows])
        known = ~parts.get(NOT_RECORDED, np.zeros(len(rows), dtype=bool))
        titles = [title for title in parts if title != NOT_RECORDED]
        for title in titles if len(titles) > 2 else titles[:1]:
            yield grouping.title, title, parts[title], known


def _compared(
    finding: str,
    by: str,
    group: str,
    labels: FloatArray,
    scores: FloatArray,
    member: BoolArray,
    known: BoolArray,
    patients: list[str],
) -> AuditRow:
    sides = []
    for side in (member & known, ~member & known):
        here, there = labels[side], scores[side]
        area = float(resampled_aurocs(here, there, np.ones((1, len(here))))[0])
        owners = number_patients([patients[row] for row in np.flatnonzero(side)], int(side.sum()))
        sides.append((area, auroc_interval(here, there, owners), int((here == 1).sum())))
    (inside, inside_interval, n_in), (outside, outside_interval, n_out) = sides
    difference = independent_difference(inside, inside_interval, outside, outside_interval)
    return AuditRow(finding, by, group, inside, inside_interval, outside, outside_interval, difference, (n_in, n_out))


def _ranked(rows: list[AuditRow]) -> tuple[AuditRow, ...]:
    """Rows by how many half-widths their difference lies off 0, with what stands out for all of them together."""
    usual = NormalDist().inv_cdf(0.5 + _LEVEL / 2)
    wide = NormalDist().inv_cdf(1 - (1 - _LEVEL) / (2 * max(len(rows), 1)))
    reached = [(_off(row.difference), row) for row in rows]
    ordered = sorted(reached, key=lambda entry: -entry[0])
    return tuple(replace(row, stands_out=off > wide / usual) for off, row in ordered)


def _off(difference: Difference) -> float:
    """How many times the interval's half-width, on the side towards 0, a difference is off 0."""
    value, interval = difference.value, difference.interval
    half = value - interval.low if value > 0 else interval.high - value
    return abs(value) / half if half > 0 else math.inf if value else 0.0
