"""A report in one file: tables, figures and methods, with everything that it needs inside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.exports.methods import methods_paragraph
from core.exports.rows import SettingRows, setting_rows
from core.exports.tables import READING_WORDS
from core.figures.thresholds import CURVES, alt_of
from core.metrics.intervals import Interval
from core.metrics.summary import ClassMetrics
from core.settings.titles import setting_title
from core.thresholds.compare import MOST_COMPARED, compare_all
from core.thresholds.curves import study_curves
from core.thresholds.sets import INTENDED_USE, ThresholdSet

if TYPE_CHECKING:
    from core.study import Study

_TEMPLATE: Final = Path(__file__).with_name("report.html.j2")
_COLUMNS: Final = 3

Table = tuple[list[str], list[list[str]]]
"""Headings and rows."""


def html_report(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> str:
    """Write the report of the sets, read on the films of a split. It loads nothing from anywhere."""
    from jinja2 import Environment, StrictUndefined
    from plotly.offline import get_plotlyjs

    rows, n_films = setting_rows(study, split, sets), len(study.rows(split))
    environment = Environment(autoescape=True, trim_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        title=f"{study.name}: thresholds read on {split}",
        plotly=get_plotlyjs(),
        fingerprint=study.fingerprint,
        intended_use=INTENDED_USE,
        warnings=_warnings(study, rows),
        overall=_overall_table(rows),
        comparison=_comparison(study, split, sets) if len(sets) > 1 and 0 < n_films <= MOST_COMPARED else None,
        is_too_large_to_compare=len(sets) > 1 and n_films > MOST_COMPARED,
        most_compared=f"{MOST_COMPARED:,}",
        settings=[_setting_section(one) for one in rows],
        figures=_figures(study, split, sets),
        methods=methods_paragraph(study, split, sets),
    )


def _warnings(study: Study, rows: Sequence[SettingRows]) -> list[str]:
    """What must be seen first."""
    synthetic = ["The films are synthetic."] if study.manifest.synthetic else []
    marked = [one for one in rows if one.reading in ("exploratory", "optimistic", "unfrozen")]
    return [*synthetic, *(f"{setting_title(one.chosen.setting)}: {READING_WORDS[one.reading]}" for one in marked)]


def _setting_section(rows: SettingRows) -> dict[str, object]:
    heading = [
        "Class",
        "Read",
        "Positive",
        "Predicted",
        "Threshold",
        "Precision",
        "Recall",
        "Specificity",
        "F1",
        "AUROC",
    ]
    basis = rows.chosen.basis.removeprefix(f"{rows.chosen.setting}: ")
    return {
        "title": setting_title(rows.chosen.setting),
        "basis": f"{basis[0].upper()}{basis[1:]} {READING_WORDS[rows.reading]}",
        "heading": heading,
        "cells": [_class_cells(row) for row in rows.classes],
        "fits": [f"{finding}: {fit.words()}" for finding, fit in rows.chosen.fits.items()],
    }


def _class_cells(row: ClassMetrics) -> list[str]:
    shares = [
        _figure(getattr(row, name), row.intervals[name])
        for name in ("precision", "recall", "specificity", "f1", "auroc")
    ]
    threshold = "–" if math.isnan(row.threshold) else f"{row.threshold:.4g}"
    numbers = [f"{n:,}" for n in (row.n_read, row.n_positive, row.n_predicted)]
    return [row.finding, *numbers, threshold, *shares]


def _overall_table(rows: Sequence[SettingRows]) -> Table:
    names = {
        "macro_f1": "Macro F1", "micro_f1": "Micro F1", "exact_match": "Exact match", "hamming": "Hamming loss",
        "cardinality": "Predicted labels a film", "true_cardinality": "Read labels a film",
        "share_labelled": "Films with a predicted label",
    }  # fmt: skip
    cells = [
        [title, *(_figure(getattr(one.overall, name), one.intervals.get(name)) for one in rows)]
        for name, title in names.items()
    ]
    return ["Figure", *(setting_title(one.chosen.setting) for one in rows)], cells


def _comparison(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> Table:
    """Every pair of settings."""
    names = {"macro_f1": "Macro F1", "micro_f1": "Micro F1", "exact_match": "Exact match", "macro_auroc": "Macro AUROC"}
    cells = [
        [
            f"{setting_title(pair.first)} less {setting_title(pair.second)}",
            *(_figure(pair.overall[name].value, pair.overall[name].interval) for name in names),
        ]
        for pair in compare_all(study, split, tuple(sets.values()))
    ]
    return ["Difference", *names.values()], cells


def _figures(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> list[tuple[str, str, str]]:
    """Title, what it shows in words, and the drawing of each."""
    curves = study_curves(study, split, sets)
    parts = []
    for name, title, draw in CURVES:
        figure = draw(curves, _COLUMNS).update_layout(template="plotly_white")
        drawn = figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
        parts.append((title, alt_of(name, curves), drawn))
    return parts


def _figure(value: float, interval: Interval | None) -> str:
    if math.isnan(value):
        return "–"
    if interval is None:
        return f"{value:.3f}"
    if not interval.is_estimable:
        return f"{value:.2f} [n.e., n = {interval.n}]"
    return f"{value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"
