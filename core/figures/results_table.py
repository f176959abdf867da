"""The results table, a column per figure, and the paper's sweep; best and worst are marked, for pages to draw."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

import pandas as pd

from core.metrics.overall_figure import OverallFigure
from core.metrics.overall_figures import CARDINALITY, EXACT_MATCH, MACRO_F1, FigureRow, overall_figures_in
from core.paper import published
from core.paper.sweep import SweepStep
from core.report.groups import grouped
from core.settings.titles import setting_title
from core.words import UNDEFINED, number_words, range_words


@dataclass(frozen=True)
class Cell:
    """One cell of a table as text.

    mark : whether it is the best or the worst of its column.
    """

    text: str
    mark: Literal["best", "worst"] | None = None


@dataclass(frozen=True)
class Beneath:
    """A line below a setting's own. texts : its cells, by the name of the figure; what it does not name is empty."""

    title: str
    texts: Mapping[str, str]


def spread_line(title: str, ends: Mapping[str, tuple[float, float]]) -> Beneath:
    """Say from where to where the figures of a setting go. ends : by the name of the figure, lowest and highest."""
    digits = {figure.name: figure.digits for figure in results_columns()}
    return Beneath(title, {name: range_words(*ends[name], digits[name]) for name in ends if name in digits})


def figures_line(title: str, row: FigureRow) -> Beneath:
    """Say somebody else's figures of a setting; undefined is a dash."""
    columns = results_columns()
    return Beneath(title, {figure.name: number_words(row.value(figure), figure.digits) for figure in columns})


def results_columns() -> tuple[OverallFigure, ...]:
    """List the table's figures: those of the published table in its order, then the others."""
    figures = overall_figures_in("results")
    others = tuple(figure for figure in figures if figure not in published.COLUMNS)
    return (*(figure for figure in published.COLUMNS if figure in figures), *others)


def results_table(
    rows: Mapping[str, FigureRow], *, is_grouped: bool = False, beneath: Mapping[str, Beneath] = MappingProxyType({})
) -> pd.DataFrame:
    """Lay out rows, by setting, as a table of Cells; undefined is a dash, and a figure that nobody has, no column.

    Best and worst are marked where values differ as shown, and time not at all: nothing trained is no merit.
    is_grouped : whether settings stand under their group's name, in the order of the groups.
    beneath : by setting, a line below its own; of settings that have no row, lines at the end.
    """
    columns = _told(rows, beneath)
    marked = {figure.name: dict(zip(rows, _marked(figure, list(rows.values())), strict=True)) for figure in columns}
    names, cells = list[str](), list[list[Cell]]()

    def add(name: str, line: Sequence[Cell]) -> None:
        names.append(name)
        cells.append([*line])

    for group, settings in grouped(rows).items() if is_grouped else [(None, tuple(rows))]:
        if group is not None:
            add(f"**{group.title}**", [Cell("") for _ in columns])
        for setting in settings:
            add(setting_title(setting), [marked[figure.name][setting] for figure in columns])
            if line := beneath.get(setting):
                add(line.title, _cells(line, columns))
    for setting, line in beneath.items():
        if setting not in rows:
            add(f"{setting_title(setting)}, {line.title}", _cells(line, columns))
    headings = [figure.heading for figure in columns]
    return pd.DataFrame(cells, index=pd.Index(names, name="Setting"), columns=headings, dtype=object)


def named_apart(table: pd.DataFrame, beneath: Mapping[str, Beneath]) -> pd.DataFrame:
    """Name every row of that table so that it can be read apart from the others: a line below a setting's own says
    whose it is.

    >>> lines = {"zero_shot": Beneath("in the paper", {})}
    >>> named_apart(pd.DataFrame(index=["Zero-shot", "in the paper", "Fine-tuning"]), lines).index.tolist()
    ['Zero-shot', 'Zero-shot, in the paper', 'Fine-tuning']
    """
    lines = {setting_title(setting): line.title for setting, line in beneath.items()}
    names = pairwise(["", *map(str, table.index)])
    apart = [f"{above}, {name}" if lines.get(above) == name else name for above, name in names]
    return table.set_axis(pd.Index(apart, name=table.index.name))


def _told(rows: Mapping[str, FigureRow], beneath: Mapping[str, Beneath]) -> list[OverallFigure]:
    """The columns that hold anything; all, where nothing is defined."""
    columns = results_columns()
    said = {name for line in beneath.values() for name, text in line.texts.items() if text not in ("", UNDEFINED)}
    held = [one for one in columns if one.name in said or any(not math.isnan(row.value(one)) for row in rows.values())]
    return held or [*columns]


def _cells(line: Beneath, columns: Sequence[OverallFigure]) -> list[Cell]:
    return [Cell(line.texts.get(figure.name, "")) for figure in columns]


def in_order(rows: Mapping[str, FigureRow], figure: OverallFigure | None) -> dict[str, FigureRow]:
    """Sort rows by a figure, best first and undefined last; None leaves them in the study's order."""
    if figure is None:
        return dict(rows)
    sign = 1.0 if figure.better == "lower" else -1.0

    def key(setting: str) -> tuple[bool, float]:
        value = rows[setting].value(figure)
        return math.isnan(value), 0.0 if math.isnan(value) else sign * value

    return {setting: rows[setting] for setting in sorted(rows, key=key)}


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
