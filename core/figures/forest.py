"""Values with whiskers, a row each, as HTML that a browser draws at once; nothing is told by colour alone.

Text takes the colour of the page. A row without an interval has its mark alone, one without a value neither.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from core.figures.theme import BLUE, GREY
from core.metrics.difference import Difference
from core.metrics.intervals import Interval
from core.words import DIGITS, difference_words, figure_words, number_words

_ROOM: Final = 0.04
"""Share of the width that stays free at either end."""


@dataclass(frozen=True)
class ForestRow:
    """One row.

    value : where the mark stands; NaN draws none.
    low, high : where the whisker ends; NaN draws none.
    text : what stands at its end.
    hollow : whether the mark is a ring; for what is not clear.
    """

    label: str
    value: float
    low: float
    high: float
    text: str
    colour: str = BLUE
    hollow: bool = False


def figure_row(label: str, value: float, interval: Interval, *, colour: str, digits: int = DIGITS) -> ForestRow:
    """Make the row of a figure with its interval."""
    return ForestRow(label, value, *_ends(interval), figure_words(value, interval, digits), colour)


def difference_row(label: str, one: Difference, *, colour: str, digits: int = DIGITS) -> ForestRow:
    """Make the row of a difference; a ring where its interval does not leave 0 out."""
    text = difference_words(one.value, one.interval, digits)
    return ForestRow(label, one.value, *_ends(one.interval), text, colour, not one.is_clear)


def forest_html(rows: Sequence[ForestRow], *, title: str, zero: bool = False, digits: int = 2) -> str:
    """Write the rows as a list in HTML, as wide as its place, with the ends of the scale under it.

    title : what a screen reader says of it.
    zero : whether the scale holds 0, with a line there; for differences.
    """
    low, high = _scale(rows, zero)
    tracks = "minmax(3rem, auto) minmax(4rem, 1fr) minmax(3rem, auto)"
    grid = f"display: grid; grid-template-columns: {tracks}; gap: 0.2rem 0.8rem; "
    drawn = "".join(_row(row, low, high, zero) for row in rows)
    ends = (
        f'<div></div><div style="{_FOOT}"><span>{escape(number_words(low, digits))}</span>'
        f"<span>{escape(number_words(high, digits))}</span></div><div></div>"
    )
    style = f"{grid}align-items: center; font-size: 0.9rem"
    return f'<div role="list" aria-label="{escape(title)}" style="{style}">{drawn}{ends}</div>'


def forest_cells(rows: Sequence[ForestRow]) -> list[list[str]]:
    """Return the rows as cells of a table, headings first; a number that is not drawn is empty."""
    numbers = [["" if math.isnan(one) else repr(float(one)) for one in (row.value, row.low, row.high)] for row in rows]
    cells = [[row.label, *ends, row.text] for row, ends in zip(rows, numbers, strict=True)]
    return [["Label", "Value", "Low", "High", "Text"], *cells]


_FOOT: Final = f"display: flex; justify-content: space-between; font-size: 0.8rem; border-top: 1px solid {GREY}"


def _ends(interval: Interval) -> tuple[float, float]:
    return (interval.low, interval.high) if interval.is_estimable else (math.nan, math.nan)


def _scale(rows: Sequence[ForestRow], zero: bool) -> tuple[float, float]:
    numbers = [number for row in rows for number in (row.value, row.low, row.high) if math.isfinite(number)]
    numbers += [0.0] if zero or not numbers else []
    low, high = min(numbers), max(numbers)
    if low == high:
        return low - 0.5, high + 0.5
    pad, is_share = (high - low) * _ROOM, not zero and low >= 0 and high <= 1
    return (max(low - pad, 0.0), min(high + pad, 1.0)) if is_share else (low - pad, high + pad)


def _row(row: ForestRow, low: float, high: float, zero: bool) -> str:
    def place(number: float) -> float:
        return 100 * (number - low) / (high - low)

    parts = [_upright(place(0.0))] if zero else []
    if math.isfinite(row.low) and math.isfinite(row.high):
        parts.append(_whisker(place(row.low), place(row.high), row.colour))
    if math.isfinite(row.value):
        parts.append(_dot(place(row.value), row))
    return (
        f'<div role="listitem" title="{escape(f"{row.label}: {row.text}")}" style="display: contents">'
        f'<div style="overflow-wrap: anywhere">{escape(row.label)}</div>'
        f'<div style="position: relative; height: 1.2rem">{"".join(parts)}</div>'
        f'<div style="font-variant-numeric: tabular-nums">{escape(row.text)}</div></div>'
    )


def _whisker(left: float, right: float, colour: str) -> str:
    style = f"position: absolute; left: {left:.2f}%; width: {right - left:.2f}%; top: 0.55rem; height: 2px"
    return f'<div style="{style}; background: {colour}"></div>'


def _dot(left: float, row: ForestRow) -> str:
    style = f"position: absolute; left: calc({left:.2f}% - 5px); top: calc(0.6rem - 5px); width: 10px; height: 10px"
    fill = "background: Canvas" if row.hollow else f"background: {row.colour}"
    ring = f"border-radius: 50%; box-sizing: border-box; border: 2px solid {row.colour}"
    return f'<div style="{style}; {ring}; {fill}"></div>'


def _upright(left: float) -> str:
    style = f"position: absolute; left: {left:.2f}%; top: 0; height: 1.4rem; border-left: 1px dashed {GREY}"
    return f'<div style="{style}"></div>'
