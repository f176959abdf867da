"""What published tables say of patients and views, in one spelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from core.study.label_notes import one_spelling

OLDEST: Final = 120
"""Years; ages above are damaged (ChestX-ray14 of 2017 has patients of 148 and 413)."""

_VIEWS: Final = {
    "pa": "PA", "ap": "AP", "ap_horizontal": "AP", "frontal": "Frontal",
    "l": "Lateral", "ll": "Lateral", "rl": "Lateral", "lateral": "Lateral",
}  # fmt: skip


def views(cells: pd.Series) -> pd.Series:
    """Write PA, AP, Frontal and Lateral for what collections call so; other views as they stand, null where blank."""
    return _renamed(cells, {value: _VIEWS.get(value.strip().lower(), value.strip()) for value in cells.unique()})


def ages(cells: pd.Series) -> pd.Series:
    """Read ages in years, (n,) Float64; null where blank, no number, or above `OLDEST`; "85 or more" counts 85."""
    numbers = pd.to_numeric(cells.astype("object").str.extract(r"^\s*0*(\d+(?:\.\d+)?)", expand=False), errors="coerce")
    return numbers.where(numbers <= OLDEST).astype("Float64")


def sexes(cells: pd.Series) -> pd.Series:
    """Write F, M and O; null where it is blank or unknown."""
    blank = cells.str.strip().str.lower().isin(("", "unknown", "nan"))
    return one_spelling(cells.astype("object").where(~blank, None)).astype("string")


def _renamed(cells: pd.Series, names: Mapping[str, str]) -> pd.Series:
    return cells.map(lambda value: names[value] or None).astype("string")
