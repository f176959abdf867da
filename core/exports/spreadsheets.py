"""CSV that a spreadsheet opens as what it is: no cell of words is taken for a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO
from typing import Final

import pandas as pd
from pandas.api.types import is_numeric_dtype

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the wide forms of the first, which spreadsheets take for them."""
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def as_text(cell: str) -> str:
    """Return a cell of words with an apostrophe in front where a spreadsheet would take it for a formula.

    Numbers stay as they are, those with a sign too. A carriage return, which would begin a new row, becomes a space.
    """
    cell = cell.replace("\r", " ")
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


def csv_of(table: pd.DataFrame, *, index: bool = False) -> str:
    """Write a table as CSV; every text in it, its headings and its index too, goes through `as_text`."""
    written = table.apply(lambda column: column if is_numeric_dtype(column) else column.map(_cell)).rename(
        columns=_cell
    )
    if index:
        written = written.rename(index=_cell)
    return str(written.to_csv(index=index, lineterminator="\n"))


def csv_of_rows(rows: Sequence[Sequence[str]]) -> str:
    """Write rows of text as CSV, headings first, as `csv_of` writes them."""
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerows([as_text(cell) for cell in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> object:
    return as_text(value) if isinstance(value, str) else value
