"""Tables as they are shown: their cells as text, for pictures, CSV and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pandas as pd

from core.words import UNDEFINED, number_words, share_words, signed_words

_MARKS: Final = (
    (re.compile(r":material/\w+:\s*"), ""),
    (re.compile(r":(?:blue|red|green|orange|violet|gray|grey)\[((?:\\.|[^\]\\])*)\]"), r"\1"),
    (re.compile(r"(?<!\\)(?:\*\*|\*|`)"), ""),
    (re.compile(r"\\([\\*_\[\]$<#`:~|])"), r"\1"),
)
_DECIMALS: Final = re.compile(r"%(\+?)\.(\d)f")


def without_markdown(text: str) -> str:
    r"""Return a text of a page without the marks of Markdown.

    >>> without_markdown(r":blue[**0.9**] of a\_b, `python -m core`")
    '0.9 of a_b, python -m core'
    """
    for pattern, to in _MARKS:
        text = pattern.sub(to, text)
    return text.replace("\N{NO-BREAK SPACE}", " ").strip()


def shown_rows(table: pd.DataFrame, formats: Mapping[str, str | None], *, has_index: bool) -> list[list[str]]:
    """Return the cells of a table as text, headings first; undefined is a dash.

    formats : by column, how a page shows its numbers, as `%.2f` or `percent`; others have three digits.
    has_index : whether the index is a column of the table.

    >>> shown_rows(pd.DataFrame({"Class": ["Edema"], "F1": [0.5]}), {"F1": "%.2f"}, has_index=False)
    [['Class', 'F1'], ['Edema', '0.50']]
    """
    columns = [[str(name), *(_cell(value, formats.get(str(name))) for value in table[name])] for name in table.columns]
    if has_index:
        columns.insert(0, [str(table.index.name or ""), *map(str, table.index)])
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(value: object, how: str | None) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return UNDEFINED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    if how == "percent":
        return share_words(value)
    decimals = _DECIMALS.fullmatch(how or "")
    say = signed_words if decimals and decimals[1] else number_words
    return say(value, int(decimals[2])) if decimals else number_words(value)
