"""The results table: eight columns, an arrow in each heading, best and worst marked; and the table of all classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from core.settings.titles import setting_title

UNDEFINED: Final = "–"


@dataclass(frozen=True)
class Column:
    """One figure of the table. name : the attribute of a row.  better : which way is better, None where neither is."""

    name: str
    title: str
    better: Literal["up", "down"] | None
    decimals: int

    @property
    def heading(self) -> str:
        """The title with its arrow, which stays beside the last word."""
        arrow = {"up": "\N{NO-BREAK SPACE}↑", "down": "\N{NO-BREAK SPACE}↓", None: ""}[self.better]
        return f"{self.title}{arrow}"


COLUMNS: Final = (
    Column("inter_class_distance", "Inter-class distance", "up", 2),
    Column("intra_class_distance", "Intra-class distance", "down", 2),
    Column("distance_ratio", "Inter / intra", "up", 3),
    Column("macro_f1", "Macro F1", "up", 3),
    Column("exact_match", "Exact match", "up", 3),
    Column("lrap", "LRAP", "up", 3),
    Column("coverage_error", "Coverage error", "down", 2),
    Column("minutes", "Time (min)", "down", 2),
)


def results_table(rows: Mapping[str, object]) -> pd.DataFrame:
    """The rows as Markdown text: best of a column blue and bold, worst red and italic, undefined a dash.

    rows : by setting, anything with the attributes of COLUMNS. Best and worst are marked where values differ as shown,
    and time not at all: nothing trained is no merit.
    """
    content = {column.heading: _marked(column, list(rows.values())) for column in COLUMNS}
    return pd.DataFrame(content, index=pd.Index([setting_title(name) for name in rows], name="Setting"))


def _marked(column: Column, rows: Sequence[object]) -> list[str]:
    values = [_number(getattr(row, column.name)) for row in rows]
    texts = [UNDEFINED if math.isnan(value) else f"{value:.{column.decimals}f}" for value in values]
    defined = [(value, text) for value, text in zip(values, texts, strict=True) if not math.isnan(value)]
    if column.name == "minutes" or len({text for _, text in defined}) < 2:
        return texts
    low, high = min(defined)[1], max(defined)[1]
    best, worst = (high, low) if column.better == "up" else (low, high)
    marks = {best: f":blue[**{best}**]", worst: f":red[*{worst}*]"}
    return [marks.get(text, text) for text in texts]


def markdown_table(table: pd.DataFrame) -> str:
    """A table of Markdown text as Markdown, index first: a browser shows it with what it has already loaded."""
    headings = [str(table.index.name or ""), *(str(name) for name in table.columns)]
    rows = [
        [str(name).replace(" ", "\N{NO-BREAK SPACE}"), *(str(cell) for cell in row)]
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _number(value: object) -> float:
    return math.nan if value is None else float(value)  # type: ignore[arg-type]
