"""The results under the paper's evaluation and ours, a figure per row, with what makes it differ in its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from core.figures.results_table import results_columns
from core.figures.theme import GREY
from core.metrics.overall_figure import OverallFigure
from core.metrics.overall_figures import FigureRow
from core.paper.differences import Difference
from core.settings.titles import setting_title
from core.words import UNDEFINED, number_words

_CELL: Final = (
    f"padding: 0.35rem 0.8rem 0.35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid {GREY}"
)
SAME: Final = "the same"


@dataclass(frozen=True)
class _Row:
    """One figure. pairs : by setting, under the paper's evaluation and under ours, as shown."""

    figure: OverallFigure
    pairs: list[tuple[str, str]]

    @property
    def differs(self) -> bool:
        return any(first != second for first, second in self.pairs)

    def reasons(self, differences: Sequence[Difference]) -> list[Difference]:
        """What makes it differ; nothing where it does not."""
        return [one for one in differences if self.figure in one.figures] if self.differs else []


def both_html(paper: Mapping[str, FigureRow], ours: Mapping[str, FigureRow], differences: Sequence[Difference]) -> str:
    """Write a table as HTML: a row per figure of the results that any setting has, a column per setting, and why.

    paper, ours : by setting, the same ones.
    differences : of `core.paper.differences`; each stands, folded, in the rows that it changes, where they differ as
        shown; one that changes no row stands in one of its own.
    """
    rows = [_figure_row(row, differences) for row in _rows(paper, ours)]
    others = [
        f"<tr>{_cell(f'<b>{escape(one.title)}</b>')}{_cell(escape(one.effect), span=len(paper))}"
        f"{_cell(escape(one.words))}</tr>"
        for one in differences
        if not one.figures
    ]
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(text)}</th>' for text in _heads(paper))
    table = "border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums"
    return (
        '<div style="overflow-x: auto" tabindex="0" role="region" aria-label="Both evaluations">'
        f'<table style="{table}">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join([*rows, *others])}</tbody></table></div>"
    )


def both_cells(
    paper: Mapping[str, FigureRow], ours: Mapping[str, FigureRow], differences: Sequence[Difference]
) -> list[list[str]]:
    """Give the cells of the figures of that table as text, headings first; arguments as of `both_html`."""
    rows = [
        [
            row.figure.heading,
            *(first if first == second else f"{first} → {second}" for first, second in row.pairs),
            ", ".join(one.title for one in row.reasons(differences)) or SAME,
        ]
        for row in _rows(paper, ours)
    ]
    return [_heads(paper), *rows]


def _heads(settings: Mapping[str, FigureRow]) -> list[str]:
    return ["Figure", *(setting_title(name) for name in settings), "What makes it differ"]


def _rows(paper: Mapping[str, FigureRow], ours: Mapping[str, FigureRow]) -> list[_Row]:
    """Every figure of the results that any setting has under either."""
    found = []
    for figure in results_columns():
        shown = [[number_words(row[name].value(figure), figure.digits) for row in (paper, ours)] for name in paper]
        if {word for pair in shown for word in pair} != {UNDEFINED}:
            found.append(_Row(figure, [(first, second) for first, second in shown]))
    return found


def _figure_row(row: _Row, differences: Sequence[Difference]) -> str:
    cells = "".join(_cell(first if first == second else f"{first} → <b>{second}</b>") for first, second in row.pairs)
    why = _folded(row.reasons(differences)) if row.differs else SAME
    return f'<tr><th scope="row" style="{_CELL}">{escape(row.figure.heading)}</th>{cells}{_cell(why)}</tr>'


def _folded(differences: Sequence[Difference]) -> str:
    return "".join(
        f'<details><summary style="cursor: pointer">{escape(one.title)}</summary>{escape(one.words)}</details>'
        for one in differences
    )


def _cell(content: str, *, span: int = 1) -> str:
    return f'<td colspan="{span}" style="{_CELL}">{content}</td>'
