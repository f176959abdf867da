"""The published results, a study's under the paper's evaluation and under ours, cell by cell, and why each differs."""

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

Rows = Mapping[str, FigureRow]
"""By setting."""
_CELL: Final = "padding: 0.2rem 0.8rem 0.2rem 0; text-align: left; vertical-align: top"
_LINE: Final = f"; border-bottom: 1px solid {GREY}"
PUBLISHED, LIKEWISE, OURS, HERE = "In the paper", "Here, the paper’s evaluation", "Here, our evaluation", "Here"
_HEADS: Final = ("Figure", "Whose")
_WHY: Final = "Why it differs from the line above"


@dataclass(frozen=True)
class Compared:
    """What is set against each other.

    published : figures of the paper; of settings that the study lacks they are not shown.
    paper, ours : of the study under the paper's evaluation and under ours, the same settings.
    from_published : what makes the study's differ from those published.
    from_paper : what makes ours differ from the paper's; one that changes no figure has a line of its own.
    """

    published: Rows
    paper: Rows
    ours: Rows
    from_published: Sequence[Difference]
    from_paper: Sequence[Difference]


@dataclass(frozen=True)
class _Line:
    """A figure of one of the three. words : by setting, in the study's order."""

    whose: str
    words: tuple[str, ...]
    why: tuple[Difference, ...] = ()


def compared_html(compared: Compared) -> str:
    """Write a table as HTML: up to three lines per figure that anybody has, a column per setting, and why.

    Reasons stand, folded, in the lines that differ as shown from the one above.
    """
    body = [line for figure, lines in _figures(compared) for line in _figure_html(figure, lines)]
    others = [
        f"<tr>{_cell(f'<b>{escape(one.title)}</b>', span=2)}{_cell(escape(one.effect), span=len(compared.paper))}"
        f"{_cell(escape(one.words))}</tr>"
        for one in compared.from_paper
        if not one.figures
    ]
    head = "".join(f'<th scope="col" style="{_CELL}{_LINE}">{escape(text)}</th>' for text in _heads(compared))
    table = "border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums"
    return (
        '<div style="overflow-x: auto" tabindex="0" role="region" aria-label="Published and ours">'
        f'<table style="{table}">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join([*body, *others])}</tbody></table></div>"
    )


def compared_cells(compared: Compared) -> list[list[str]]:
    """Give the cells of the figures of that table as text, headings first; every line names its figure."""
    rows = [
        [figure.heading, line.whose, *line.words, ", ".join(one.title for one in line.why)]
        for figure, lines in _figures(compared)
        for line in lines
    ]
    return [_heads(compared), *rows]


def _heads(compared: Compared) -> list[str]:
    return [*_HEADS, *map(setting_title, compared.paper), _WHY]


def _figures(compared: Compared) -> list[tuple[OverallFigure, list[_Line]]]:
    """The lines of every figure of the results that anybody has."""
    found = [(figure, _lines(figure, compared)) for figure in results_columns()]
    return [(figure, lines) for figure, lines in found if any(set(line.words) != {UNDEFINED} for line in lines)]


def _lines(figure: OverallFigure, compared: Compared) -> list[_Line]:
    published, paper, ours = (
        tuple(_words(rows, name, figure) for name in compared.paper)
        for rows in (compared.published, compared.paper, compared.ours)
    )
    is_published = any(word != UNDEFINED for word in published)
    why_here = _reasons(figure, compared.from_published) if is_published and published != paper else ()
    first = [_Line(PUBLISHED, published)] if is_published else []
    if paper == ours:
        return [*first, _Line(HERE, paper, why_here)]
    return [*first, _Line(LIKEWISE, paper, why_here), _Line(OURS, ours, _reasons(figure, compared.from_paper))]


def _words(rows: Rows, setting: str, figure: OverallFigure) -> str:
    return number_words(rows[setting].value(figure), figure.digits) if setting in rows else UNDEFINED


def _reasons(figure: OverallFigure, differences: Sequence[Difference]) -> tuple[Difference, ...]:
    return tuple(one for one in differences if figure in one.figures)


def _figure_html(figure: OverallFigure, lines: Sequence[_Line]) -> list[str]:
    head = f'<th scope="rowgroup" rowspan="{len(lines)}" style="{_CELL}{_LINE}">{escape(figure.heading)}</th>'
    rows = []
    for rank, line in enumerate(lines):
        is_last = rank == len(lines) - 1
        words = [f"<b>{word}</b>" if line.whose == OURS else word for word in line.words]
        whose = f'<span style="white-space: nowrap">{escape(line.whose)}</span>'
        cells = [whose, *words, _folded(line.why)]
        row = "".join(_cell(cell, is_last=is_last) for cell in cells)
        rows.append(f"<tr>{'' if rank else head}{row}</tr>")
    return rows


def _folded(differences: Sequence[Difference]) -> str:
    return "".join(
        f'<details><summary style="cursor: pointer">{escape(one.title)}</summary>{escape(one.words)}</details>'
        for one in differences
    )


def _cell(content: str, *, span: int = 1, is_last: bool = True) -> str:
    return f'<td colspan="{span}" style="{_CELL}{_LINE if is_last else ""}">{content}</td>'
