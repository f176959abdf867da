"""The results under the paper's evaluation and ours, a figure per row, with what makes it differ in its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def both_html(paper: Mapping[str, FigureRow], ours: Mapping[str, FigureRow], differences: Sequence[Difference]) -> str:
    """Write a table as HTML: a row per figure of the results that any setting has, a column per setting, and why.

    paper, ours : by setting, the same ones.
    differences : of `core.paper.differences`; each stands, folded, in the rows that it changes, where they differ as
        shown; one that changes no row stands in one of its own.
    """
    heads = ["Figure", *(setting_title(name) for name in paper), "What makes it differ"]
    rows = [_figure_row(figure, paper, ours, differences) for figure in results_columns()]
    others = [
        f"<tr>{_cell(f'<b>{escape(one.title)}</b>')}{_cell(escape(one.effect), span=len(paper))}"
        f"{_cell(escape(one.words))}</tr>"
        for one in differences
        if not one.figures
    ]
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(text)}</th>' for text in heads)
    table = "border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums"
    body = "".join([*filter(None, rows), *others])
    return (
        '<div style="overflow-x: auto" tabindex="0" role="region" aria-label="Both evaluations">'
        f'<table style="{table}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _figure_row(
    figure: OverallFigure,
    paper: Mapping[str, FigureRow],
    ours: Mapping[str, FigureRow],
    differences: Sequence[Difference],
) -> str:
    """One figure under both; "" where no setting has it."""
    pairs = [tuple(number_words(row[name].value(figure), figure.digits) for row in (paper, ours)) for name in paper]
    if {word for pair in pairs for word in pair} == {UNDEFINED}:
        return ""
    cells = "".join(_cell(first if first == second else f"{first} → <b>{second}</b>") for first, second in pairs)
    differs = any(first != second for first, second in pairs)
    why = _folded([one for one in differences if figure in one.figures]) if differs else SAME
    return f'<tr><th scope="row" style="{_CELL}">{escape(figure.heading)}</th>{cells}{_cell(why)}</tr>'


def _folded(differences: Sequence[Difference]) -> str:
    return "".join(
        f'<details><summary style="cursor: pointer">{escape(one.title)}</summary>{escape(one.words)}</details>'
        for one in differences
    )


def _cell(content: str, *, span: int = 1) -> str:
    return f'<td colspan="{span}" style="{_CELL}">{content}</td>'
