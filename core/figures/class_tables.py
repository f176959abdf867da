"""Tables of classes, groups and differences, as a page shows them: numbers, and intervals in words beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pandas as pd

from core.metrics.difference import Difference
from core.metrics.intervals import Interval
from core.metrics.summary import ClassMetrics, Overall
from core.report.subgroups import COMPARED, Subgroup
from core.settings.titles import setting_title
from core.thresholds.calibration import ClassCalibration
from core.thresholds.compare import Comparison

SHARES: Final = {
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "specificity": "Specificity",
    "auroc": "AUROC",
    "average_precision": "AP",
}
"""Figures of a class, as headed."""
INTERVAL: Final = ", 95 %"
"""What the heading of an interval ends with."""


def class_table(per_class: Mapping[str, ClassMetrics]) -> pd.DataFrame:
    """All classes of a setting; undefined is missing. Predicted / positive : 1 is balance."""
    rows = list(per_class.values())
    return pd.DataFrame(
        {
            "Class": list(per_class),
            "Positive": [row.n_positive for row in rows],
            "Negative": [row.n_read - row.n_positive for row in rows],
            "Predicted": pd.array([row.n_predicted for row in rows], dtype="Int64"),
            "Predicted / positive": [row.over_prediction for row in rows],
            "Threshold": [row.threshold for row in rows],
            **_shares(rows, SHARES),
        }
    )


def subgroup_table(groups: Sequence[Subgroup], finding: str) -> pd.DataFrame:
    """One class in every group; undefined is missing."""
    rows = [group.per_class[finding] for group in groups]
    return pd.DataFrame(
        {
            "Group": [group.title for group in groups],
            "Films": [group.n_films for group in groups],
            "Patients": [group.n_patients for group in groups],
            "Positive": [row.n_positive for row in rows],
            **_shares(rows, ("recall", "specificity", "auroc", "precision", "f1")),
        }
    )


def subgroup_differences(groups: Sequence[Subgroup], finding: str) -> pd.DataFrame:
    """Each group less all other films, with intervals in words."""
    return pd.DataFrame(
        {
            "Group": [group.title for group in groups],
            **{
                SHARES[name]: [difference_words(group.differences[finding][name]) for group in groups]
                for name in COMPARED
            },
        }
    )


def comparison_table(comparison: Comparison) -> pd.DataFrame:
    """One class a row: first less second, with intervals in words; n is the number of positives."""
    rows = comparison.per_class
    return pd.DataFrame(
        {
            "Class": list(rows),
            "Positive": [found["f1"].interval.n for found in rows.values()],
            "F1": [found["f1"].value for found in rows.values()],
            f"F1{INTERVAL}": [signed_words(found["f1"].interval) for found in rows.values()],
            "AUROC": [found["auroc"].value for found in rows.values()],
            f"AUROC{INTERVAL}": [signed_words(found["auroc"].interval) for found in rows.values()],
            "Clear of 0": [_clear(found) for found in rows.values()],
        }
    )


def overall_interval_table(settings: Mapping[str, Overall]) -> pd.DataFrame:
    """Figures over all classes with their 95 % intervals, as Markdown text; what each is over stands in its heading."""
    any_one = next(iter(settings.values()))
    headings = {
        "macro_f1": f"Macro F1, {any_one.n_classes_f1} classes",
        "micro_f1": f"Micro F1, {any_one.n_true_labels:,} labels",
        "exact_match": f"Exact match, {any_one.n_films_matched:,} films",
        "lrap": f"LRAP, {any_one.n_films_ranked:,} films",
        "coverage_error": f"Coverage error, {any_one.n_films_ranked:,} films",
        "macro_auroc": f"Macro AUROC, {any_one.n_classes_auroc} classes",
    }
    content = {
        title: [_with_interval(getattr(one, name), one.intervals.get(name)) for one in settings.values()]
        for name, title in headings.items()
    }
    return pd.DataFrame(content, index=pd.Index([setting_title(name) for name in settings], name="Setting"))


def overall_comparison_table(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Every pair of settings as Markdown text, the later less the earlier."""
    turned = [one.reversed() for one in comparisons]
    names = {"macro_f1": "Macro F1", "micro_f1": "Micro F1", "exact_match": "Exact match", "macro_auroc": "Macro AUROC"}
    index = [f"{setting_title(one.first)} less {setting_title(one.second)}" for one in turned]
    content = {title: [difference_words(one.overall[name]) for one in turned] for name, title in names.items()}
    return pd.DataFrame(content, index=pd.Index(index, name="Difference"))


def _clear(found: Mapping[str, Difference]) -> str:
    return ", ".join(
        f"{SHARES[name]} {'higher' if one.value > 0 else 'lower'}" for name, one in found.items() if one.is_clear
    )


def calibration_table(rows: Iterable[ClassCalibration]) -> pd.DataFrame:
    """One class a row; undefined is missing, and `calibration_sources` says why."""
    rows = list(rows)
    return pd.DataFrame(
        {
            "Class": [row.finding for row in rows],
            "Positive": [row.n_positive for row in rows],
            "Mean probability": [row.predicted for row in rows],
            "Share positive": [row.observed for row in rows],
            "ECE": [row.ece for row in rows],
            "ECE if perfect": [row.ece_perfect for row in rows],
            "Brier": [row.brier for row in rows],
            f"Brier{INTERVAL}": [
                interval_words(row.brier_interval, digits=3) if row.is_defined else None for row in rows
            ],
            "Brier of the share": [row.brier_prevalence for row in rows],
        }
    )


def calibration_sources(rows: Iterable[ClassCalibration]) -> list[str]:
    """Where the probabilities come from, and which classes have none and why, a sentence each."""
    classes: dict[tuple[bool, str], list[str]] = {}
    for row in rows:
        classes.setdefault((row.is_defined, row.words), []).append(row.finding)
    return [
        f"Probabilities: {words}." if is_defined else f"No probabilities for {', '.join(names)}: {words}."
        for (is_defined, words), names in classes.items()
    ]


def difference_words(difference: Difference) -> str:
    """A difference with its interval; marked where it is clear of 0."""
    if math.isnan(difference.value):
        return "–"
    mark = " *" if difference.is_clear else ""
    return f"{difference.value:+.3f} ({signed_words(difference.interval)}){mark}"


def _with_interval(value: float, interval: Interval | None) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.3f}" + ("" if interval is None else f" ({interval_words(interval)})")


def signed_words(interval: Interval) -> str:
    """The interval of a difference; three digits, so that its side of 0 can be seen."""
    if not interval.is_estimable:
        return _not_estimable(interval)
    return f"{interval.low:+.3f} to {interval.high:+.3f}"


def interval_words(interval: Interval | None, *, digits: int = 2) -> str | None:
    """An interval as it is shown; in words where there is none to give. None where none was asked for."""
    if interval is None:
        return None
    if not interval.is_estimable:
        return _not_estimable(interval)
    return f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"


def _not_estimable(interval: Interval) -> str:
    return f"not estimable (n = {interval.n:,})"


def _shares(rows: Sequence[ClassMetrics], names: Iterable[str]) -> dict[str, list[object]]:
    """Figures and, where any row has one, intervals."""
    columns: dict[str, list[object]] = {}
    for name in names:
        columns[SHARES[name]] = [getattr(row, name) for row in rows]
        words = [interval_words(row.intervals.get(name)) for row in rows]
        if any(words):
            columns[f"{SHARES[name]}{INTERVAL}"] = [*words]
    return columns
