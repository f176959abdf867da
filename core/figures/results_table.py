"""The results table, a column per figure, and the paper's sweep; best and worst are marked, for pages to draw."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core.metrics.overall_figure import OverallFigure
from core.metrics.overall_figures import CARDINALITY, EXACT_MATCH, MACRO_F1, FigureRow, overall_figures_in
from core.paper import published
from core.paper.sweep import SweepStep
from core.settings.titles import setting_title
from core.words import number_words


@dataclass(frozen=True)
class Cell:
    """One cell of a table as text.

    mark : whether it is the best or the worst of its column.
    """

    text: str
    mark: Literal["best", "worst"] | None = None


def results_columns() -> tuple[OverallFigure, ...]:
    """List the table's figures: those of the published table in its order, then the others."""
    figures = overall_figures_in("results")
    others = tuple(figure for figure in figures if figure not in published.COLUMNS)
    return (*(figure for figure in published.COLUMNS if figure in figures), *others)


def results_table(rows: Mapping[str, FigureRow]) -> pd.DataFrame:
    """Lay out rows, by setting, as a table of Cells; undefined is a dash.

    Best and worst are marked where values differ as shown, and time not at all: nothing trained is no merit.
    """
    columns = {figure.heading: _marked(figure, list(rows.values())) for figure in results_columns()}
    return pd.DataFrame(columns, index=pd.Index([setting_title(name) for name in rows], name="Setting"), dtype=object)


def sweep_table(steps: Sequence[SweepStep]) -> pd.DataFrame:
    """Lay out the paper's sweep, a cut per row, as a table of Cells; the best macro F1 is marked."""
    macro = [number_words(step.macro_f1) for step in steps]
    best = number_words(max((step.macro_f1 for step in steps), default=None))
    columns = {
        MACRO_F1.title: [Cell(text, "best" if text == best else None) for text in macro],
        EXACT_MATCH.title: [Cell(number_words(step.exact_match)) for step in steps],
        CARDINALITY.title: [Cell(number_words(step.labels_per_film, 2)) for step in steps],
    }
    cuts = pd.Index([number_words(step.cut, 2) for step in steps], name="Cut")
    return pd.DataFrame(columns, index=cuts, dtype=object)


def _marked(figure: OverallFigure, rows: Sequence[FigureRow]) -> list[Cell]:
    values = [row.value(figure) for row in rows]
    texts = [number_words(value, figure.digits) for value in values]
    defined = [(value, text) for value, text in zip(values, texts, strict=True) if not math.isnan(value)]
    if not figure.is_marked or figure.better is None or len({text for _, text in defined}) < 2:
        return [Cell(text) for text in texts]
    low, high = min(defined)[1], max(defined)[1]
    best, worst = (high, low) if figure.better == "higher" else (low, high)
    return [Cell(text, "best" if text == best else "worst" if text == worst else None) for text in texts]
