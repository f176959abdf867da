"""Tables of classes, groups and differences, as a page shows them: numbers, and intervals in words beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from core.metrics.arrays import FloatArray
from core.metrics.class_figure import ClassFigure
from core.metrics.class_figures import F1, ClassMetrics, class_figures_in, steady_figures
from core.metrics.difference import Difference
from core.report.subgroups import Subgroup
from core.thresholds.calibration import ClassCalibration
from core.thresholds.compare import Comparison
from core.words import (
    DIGITS,
    UNDEFINED,
    count_words,
    difference_words,
    interval_words,
    number_words,
    signed_interval_words,
)

INTERVAL: Final = ", 95 %"
"""What the heading of an interval ends with."""


def class_table(per_class: Mapping[str, ClassMetrics]) -> pd.DataFrame:
    """Tabulate all classes of a setting; undefined is missing. Predicted / positive : 1 is balance."""
    rows = list(per_class.values())
    return pd.DataFrame(
        {
            "Class": list(per_class),
            "Positive": [row.n_positive for row in rows],
            "Negative": [row.n_read - row.n_positive for row in rows],
            "Predicted": pd.array([row.n_predicted for row in rows], dtype="Int64"),
            "Predicted / positive": [row.over_prediction for row in rows],
            "Threshold": [row.threshold for row in rows],
            **_figures(rows, headline_first()),
        }
    )


def class_words(per_class: Mapping[str, ClassMetrics]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Put the table of all classes into words: its headings, and the cells of every row; a dash where undefined."""
    table = class_table(per_class)
    columns = [[_cell_words(title, value) for value in table[title].tolist()] for title in table.columns]
    return tuple(table.columns), tuple(zip(*columns, strict=True))


def label_table(classes: Sequence[str], labels: FloatArray, patients: Sequence[str]) -> pd.DataFrame:
    """Tabulate what labels (n, C) of {0, 1, NaN} say of every class; patients : (n,), of those with a positive film."""
    names = np.asarray(patients, dtype=str)
    return pd.DataFrame(
        {
            "Class": list(classes),
            "Positive": np.count_nonzero(labels == 1, axis=0),
            "Negative": np.count_nonzero(labels == 0, axis=0),
            "Not labelled": np.count_nonzero(np.isnan(labels), axis=0),
            "Patients, positive": [len(set(names[column == 1].tolist())) for column in labels.T],
        }
    )


def subgroup_table(groups: Sequence[Subgroup], finding: str) -> pd.DataFrame:
    """Tabulate one class in every group; undefined is missing."""
    rows = [group.per_class[finding] for group in groups]
    others = (figure for figure in class_figures_in("groups") if figure not in steady_figures())
    return pd.DataFrame(
        {
            "Group": [group.title for group in groups],
            "Films": [group.n_films for group in groups],
            "Patients": [group.n_patients for group in groups],
            "Positive": [row.n_positive for row in rows],
            **_figures(rows, (*steady_figures(), *others)),
        }
    )


def subgroup_differences(groups: Sequence[Subgroup], finding: str) -> pd.DataFrame:
    """Tabulate each group less all other films, with intervals in words."""
    return pd.DataFrame(
        {
            "Group": [group.title for group in groups],
            **{
                figure.title: [_difference(group.differences[finding][figure.name]) for group in groups]
                for figure in steady_figures()
            },
        }
    )


def comparison_table(comparison: Comparison) -> pd.DataFrame:
    """Tabulate one class per row: first less second, with intervals in words; n is the number of positives."""
    rows = comparison.per_class
    columns: dict[str, list[object]] = {
        "Class": list(rows),
        "Positive": [found[F1.name].interval.n for found in rows.values()],
    }
    for figure in class_figures_in("comparison"):
        found = [one[figure.name] for one in rows.values() if figure.name in one]
        if found:
            columns[figure.title] = [one.value for one in found]
            columns[f"{figure.title}{INTERVAL}"] = [signed_interval_words(one.interval) for one in found]
    return pd.DataFrame({**columns, "Excludes 0": [_clear(found) for found in rows.values()]})


def headline_first() -> tuple[ClassFigure, ...]:
    """List the figures of the table of all classes, F1 before the others."""
    figures = class_figures_in("table")
    return (*(figure for figure in figures if figure is F1), *(figure for figure in figures if figure is not F1))


def _clear(found: Mapping[str, Difference]) -> str:
    return ", ".join(
        f"{figure.title} {'higher' if found[figure.name].value > 0 else 'lower'}"
        for figure in class_figures_in("comparison")
        if figure.name in found and found[figure.name].is_clear
    )


def calibration_table(rows: Iterable[ClassCalibration]) -> pd.DataFrame:
    """Tabulate one class per row; undefined is missing, and `calibration_sources` says why."""
    rows = list(rows)
    return pd.DataFrame(
        {
            "Class": [row.finding for row in rows],
            "Positive": [row.n_positive for row in rows],
            "Mean probability": [row.predicted for row in rows],
            "Share positive": [row.observed for row in rows],
            "ECE": [row.ece for row in rows],
            "ECE by chance": [row.ece_perfect for row in rows],
            "Brier": [row.brier for row in rows],
            f"Brier{INTERVAL}": [interval_words(row.brier_interval) if row.is_defined else None for row in rows],
            "Brier at prevalence": [row.brier_prevalence for row in rows],
        }
    )


def calibration_sources(rows: Iterable[ClassCalibration]) -> list[str]:
    """Say where the probabilities come from, and which classes have none and why, a sentence each."""
    classes: dict[tuple[bool, str], list[str]] = {}
    for row in rows:
        classes.setdefault((row.is_defined, row.words), []).append(row.finding)
    return [
        f"Probabilities: {words}." if is_defined else f"No probabilities for {', '.join(names)}: {words}."
        for (is_defined, words), names in classes.items()
    ]


def _cell_words(title: str, value: object) -> str:
    """A cell of the table of all classes, its number with as many digits as its column has."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return count_words(value)
    digits = {"Predicted / positive": 2, **{figure.title: figure.digits for figure in headline_first()}}
    return number_words(value, digits.get(title, DIGITS)) if isinstance(value, float) else UNDEFINED


def _difference(difference: Difference) -> str:
    """A difference with its interval; marked where it is clear of 0."""
    return difference_words(difference.value, difference.interval) + " *" * difference.is_clear


def _figures(rows: Sequence[ClassMetrics], figures: Iterable[ClassFigure]) -> dict[str, list[object]]:
    """Figures and, where any row has one, intervals."""
    columns: dict[str, list[object]] = {}
    for figure in figures:
        columns[figure.title] = [row.value(figure) for row in rows]
        intervals = [row.intervals.get(figure.name) for row in rows]
        if any(intervals):
            columns[f"{figure.title}{INTERVAL}"] = [
                None if interval is None else interval_words(interval, figure.digits) for interval in intervals
            ]
    return columns
