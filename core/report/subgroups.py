"""The figures of a setting in groups of films: by age, sex or view, each against the other films."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from core.metrics.arrays import BoolArray, IntArray
from core.metrics.class_figures import ClassMetrics, steady_figures
from core.metrics.difference import Difference, independent_difference
from core.metrics.patients import number_patients
from core.metrics.summary import summarise_classes
from core.study.ages import age_ranges
from core.study.label_notes import one_case, one_spelling
from core.thresholds.sets import ThresholdSet

if TYPE_CHECKING:
    from core.study import Study

NOT_RECORDED: Final = "Not recorded"
OTHER: Final = "Other"
_AGES: Final = ((0, 40, "Under 40"), (40, 60, "40 to 59"), (60, 80, "60 to 79"), (80, math.inf, "80 and over"))
_MOST_GROUPS: Final = 8

Groups = Mapping[str, BoolArray]
"""By title: which films (n_films,) belong to the group; every film belongs to one."""


@dataclass(frozen=True)
class Grouping:
    """A way to part films.

    column : of images.parquet.
    title : as shown.
    """

    column: str
    title: str
    part: Callable[[pd.Series], Groups]


@dataclass(frozen=True)
class Subgroup:
    """One group of the films of a split, at one threshold set.

    per_class : by class, in the study's order, with 95 % intervals by patient; undefined is NaN.
    differences : by class, by the name of a figure that groups can be compared by: the group less all other films; its
        interval is not estimable where either side's is not.
    """

    title: str
    n_films: int
    n_patients: int
    per_class: Mapping[str, ClassMetrics]
    differences: Mapping[str, Mapping[str, Difference]]


def by_age(ages: pd.Series) -> Groups:
    """Group films by years in four groups, an age of which only a bound is known where it lies in one for sure.

    What `core.study.ages` cannot read is not recorded, nor is a bound that leaves several groups.
    """
    least, most = age_ranges(ages).T
    groups = {title: (least >= low) & (most < high) for low, high, title in _AGES}
    return _whole(groups, len(ages))


def by_sex(sexes: pd.Series) -> Groups:
    """Group films by sex, its letters and words as one; see `by_value`."""
    return by_value(one_spelling(sexes))


def by_value(column: pd.Series) -> Groups:
    """Make one group per value, in any case, the most frequent first; those beyond the eighth are together as Other."""
    stripped = one_case(column).astype("string").str.strip()
    values = stripped.mask(stripped == "")
    frequent = [str(value) for value in values.value_counts().index[:_MOST_GROUPS]]
    titles = values.where(values.isin(frequent) | values.isna(), OTHER)
    groups = {title: titles.eq(title).fillna(False).to_numpy(bool) for title in dict.fromkeys([*frequent, OTHER])}
    return _whole(groups, len(values))


GROUPINGS: Final = (
    Grouping("age", "Age", by_age),
    Grouping("sex", "Sex", by_sex),
    Grouping("view", "View", by_value),
)
"""Every way to part films. To add one, add a line."""


def available_groupings(study: Study) -> tuple[Grouping, ...]:
    """List the groupings that part the study's films into two groups or more."""
    return tuple(
        grouping
        for grouping in GROUPINGS
        if grouping.column in study.images and len(grouping.part(study.images[grouping.column])) > 1
    )


def subgroups(study: Study, split: str, chosen: ThresholdSet, grouping: Grouping) -> tuple[Subgroup, ...]:
    """List the groups of a split that hold films, under one threshold set of the study."""
    rows = study.rows(split)
    parts = grouping.part(study.images[grouping.column].iloc[rows])
    return tuple(
        _subgroup(study, chosen, title, rows[member], rows[~member]) for title, member in parts.items() if member.any()
    )


def _subgroup(study: Study, chosen: ThresholdSet, title: str, rows: IntArray, others: IntArray) -> Subgroup:
    here, there = _class_figures(study, chosen, rows), _class_figures(study, chosen, others)
    return Subgroup(
        title=title,
        n_films=len(rows),
        n_patients=int(study.images["patient_id"].iloc[rows].nunique()),
        per_class=here,
        differences={
            finding: {
                figure.name: independent_difference(
                    here[finding].value(figure),
                    here[finding].intervals[figure.name],
                    there[finding].value(figure),
                    there[finding].intervals[figure.name],
                )
                for figure in steady_figures()
            }
            for finding in study.classes
        },
    )


def _class_figures(study: Study, chosen: ThresholdSet, rows: IntArray) -> dict[str, ClassMetrics]:
    scores = np.asarray(study.scores(chosen.setting)[rows], dtype=np.float64)
    decisions = chosen.rule().decide(scores) if chosen.is_defined else None
    patients = number_patients(study.patient_numbers(rows), len(rows))
    labels = study.labels[rows]
    return summarise_classes(study.classes, labels, scores, decisions, chosen.array(), patients=patients)


def _whole(groups: Groups, n_films: int) -> dict[str, BoolArray]:
    """The groups that hold films; those of no group are not recorded."""
    held = {title: member for title, member in groups.items() if member.any()}
    missing = ~np.any([*held.values()], axis=0) if held else np.ones(n_films, bool)
    return {**held, NOT_RECORDED: missing | held.get(NOT_RECORDED, False)} if missing.any() else held
