"""A report in one file: tables, figures and methods, with everything that it needs inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.claims.store import kept_ledger
from core.exports.arena import arena_parts
from core.exports.claims import claims_table, curves_html
from core.exports.films import maps_of, outcome_films
from core.exports.methods import claims_paragraph, methods_paragraph
from core.exports.rows import SettingRows, setting_rows
from core.exports.tables import PROVENANCE_WORDS, basis_words
from core.figures.promise_tables import grey_zone_table, kept_table, overall_shrinkage, shrinkage_table
from core.figures.thresholds import CURVES, alt_of
from core.figures.transfer_table import refusals, transfer_table
from core.metrics.class_figures import ClassMetrics, class_figures_in
from core.metrics.difference import Difference
from core.metrics.overall_figures import overall_figures_in
from core.report.compared import compare_settings
from core.report.notes import untrained_note
from core.report.resampling_words import resampling_words
from core.report.transfer import WAYS, Transfer, way_words
from core.settings.titles import setting_title
from core.study.label_notes import mostly_positive_words
from core.thresholds.compare import compare_all
from core.thresholds.curves import study_curves
from core.thresholds.sets import INTENDED_USE, ThresholdSet
from core.thresholds.titles import with_titles
from core.words import UNDEFINED, count_words, crowded_words, cut_words, difference_words, figure_words, split_words

if TYPE_CHECKING:
    import pandas as pd

    from core.study import Study

_TEMPLATE: Final = Path(__file__).with_name("report.html.j2")
_COLUMNS: Final = 3
_EACH: Final = " Each is of one pair on its own; the verdict's, which hold for all pairs at once, are wider."

Table = tuple[list[str], list[list[str]]]
"""Headings and rows."""


def html_report(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> str:
    """Write the report of the sets, read on the films of a split. It loads nothing from anywhere."""
    from jinja2 import Environment, StrictUndefined
    from plotly.offline import get_plotlyjs

    rows, n_films = setting_rows(study, split, sets), len(study.rows(split))
    compared = compare_settings(study, split, tuple(sets.values()))
    environment = Environment(autoescape=True, trim_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        title=f"{study.name}: thresholds read on {split_words(split)} films",
        plotly=get_plotlyjs(),
        fingerprint=study.fingerprint,
        intended_use=INTENDED_USE,
        warnings=_warnings(study, split, rows),
        verdict=None if compared is None else compared.verdict,
        transfers=[] if compared is None else [_transfer_section(one) for one in compared.transfers],
        overall=overall_table(rows),
        comparison=_comparison(study, split, sets) if len(sets) > 1 and n_films else None,
        comparison_words=f"In brackets: the middle 95 % of {resampling_words(study, split)}{_EACH * (len(sets) > 2)}",
        settings=[_setting_section(study, one) | {"films": outcome_films(study, split, one.chosen)} for one in rows],
        maps=maps_of(study, split),
        figures=_figures(study, split, sets),
        methods=methods_paragraph(study, split, sets),
        claims=_claims(study),
        arena=[
            (_as_table(standings), _as_table(figures) if len(figures) else None, sentences)
            for standings, figures, sentences in arena_parts(study)
        ],
    )


def _transfer_section(found: Transfer) -> tuple[str, str, Table, tuple[str, ...]]:
    """Its heading, what it means, the matrix, and what was refused."""
    title = f"Thresholds under other settings, {WAYS[found.way].lower()}: {found.measure.title}"
    return title, way_words(found.way), _as_table(transfer_table(found)), refusals(found)


def _claims(study: Study) -> dict[str, object] | None:
    """The verdicts, curves and methods of the study's claims, where they have been asked; else None."""
    ledger = kept_ledger(study)
    if ledger is None:
        return None
    return {"table": claims_table(ledger), "curves": curves_html(ledger), "methods": claims_paragraph(ledger)}


def _warnings(study: Study, split: str, rows: Sequence[SettingRows]) -> list[str]:
    """What must be seen first."""
    synthetic = ["The films are synthetic."] if study.manifest.synthetic else []
    notes = [note for one in rows if (note := untrained_note(study, one.chosen.setting))]
    untrained = [with_titles(note, study.settings) for note in notes]
    marked = [one for one in rows if one.reading in ("exploratory", "optimistic", "unfrozen")]
    mostly = mostly_positive_words(study.classes, study.labels[study.rows(split)])
    readings = [f"{setting_title(one.chosen.setting)}: {PROVENANCE_WORDS[one.reading]}" for one in marked]
    return [*synthetic, *untrained, *mostly, *readings]


def _setting_section(study: Study, rows: SettingRows) -> dict[str, object]:
    titles = [figure.title for figure in class_figures_in("html")]
    return {
        "title": setting_title(rows.chosen.setting),
        "basis": f"{basis_words(study, rows.chosen)} {PROVENANCE_WORDS[rows.reading]}",
        "heading": ["Class", "Labelled", "Positive", "Predicted", "Threshold", *titles],
        "cells": [_class_cells(row, rows.upper(row.finding)) for row in rows.classes],
        "fits": [f"{finding}: {fit.words()}" for finding, fit in rows.chosen.fits.items()],
        "more": _more_tables(rows),
    }


def _more_tables(rows: SettingRows) -> list[tuple[str, Table]]:
    """What two cuts settle; promised against kept; the films of the fit beside these. Each with its heading."""
    found: list[tuple[str, Table]] = []
    if rows.grey_zones:
        table = grey_zone_table(rows.grey_zones, tuple(rows.chosen.values))
        found.append(("What two cuts settle (films; limits one-sided, 95 %, by patient)", _as_table(table)))
    worth = rows.worth
    if worth is None:
        return found
    fitted_on, read_on = split_words(worth.fitted_on), split_words(worth.read_on)
    if worth.kept:
        table = kept_table(worth.kept, fitted_on, read_on)
        found.append(("Promised and kept (patients counted once, exact 95 % intervals)", _as_table(table)))
    words = f"From {fitted_on} to {read_on} films"
    return [
        *found,
        (words, _as_table(shrinkage_table(worth))),
        (f"{words}, over all", _as_table(overall_shrinkage(worth))),
    ]


def _as_table(content: pd.DataFrame) -> Table:
    rows = [[str(name), *map(str, row)] for name, row in zip(content.index, content.to_numpy(), strict=True)]
    return [str(content.index.name), *map(str, content.columns)], rows


def _class_cells(row: ClassMetrics, upper: float | None) -> list[str]:
    figures = [crowded_words(row.value(figure), row.intervals.get(figure.name)) for figure in class_figures_in("html")]
    numbers = [count_words(n) for n in (row.n_read, row.n_positive, row.n_predicted)]
    return [row.finding, *numbers, cut_words(row.threshold, upper), *figures]


def overall_table(rows: Sequence[SettingRows]) -> Table:
    """Tabulate every figure over all classes: a row a figure, a column a setting, in words with its interval."""
    cells = [
        [
            figure.heading,
            *(figure_words(one.overall.value(figure), one.intervals.get(figure.name), figure.digits) for one in rows),
        ]
        for figure in overall_figures_in("html")
    ]
    return ["Figure", *(setting_title(one.chosen.setting) for one in rows)], cells


def _comparison(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> Table:
    """Every pair of settings."""
    figures = overall_figures_in("comparison")
    cells = [
        [
            f"{setting_title(pair.first)} less {setting_title(pair.second)}",
            *(_difference(pair.overall.get(figure.name)) for figure in figures),
        ]
        for pair in compare_all(study, split, tuple(sets.values()))
    ]
    return ["Difference", *(figure.title for figure in figures)], cells


def _figures(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> list[tuple[str, str, str]]:
    """Title, what it shows in words, and the drawing of each."""
    curves = study_curves(study, split, sets)
    parts = []
    for name, title, draw in CURVES:
        figure = draw(curves, _COLUMNS).update_layout(template="plotly_white")
        drawn = figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
        parts.append((title, alt_of(name, curves), drawn))
    return parts


def _difference(difference: Difference | None) -> str:
    return UNDEFINED if difference is None else difference_words(difference.value, difference.interval)
