"""Ages as tables write them: years, DICOM's age, and what is only known to lie above or below."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from core.geometry import FloatArray

_MOST: Final = 200.0
"""Years that nobody reaches."""
_A_YEAR: Final = {"y": 1.0, "m": 12.0, "w": 52.18, "d": 365.25}
"""How many of a unit make a year, by its first letter."""
_AGE: Final = re.compile(
    r"(?P<sign>>=|<=|>|<|≥|≤|over|above|under|below|up to)?\s*(?P<number>\d+(?:\.\d+)?)\s*-?\s*"
    r"(?P<unit>y|m|w|d|years?|yrs?|y\.?o\.?|months?|weeks?|days?)?(?:\s+old)?\s*"
    r"(?P<more>\+|(?:or|and)\s+(?:more|older|over|above|less|younger|under|below))?"
)
_LESS: Final = ("<", "≤", "under", "below", "up to")


def age_ranges(ages: pd.Series) -> FloatArray:
    """Read what is known of every age: (n, 2) years, at least and at most; NaN where it cannot be read.

    Read are numbers (45), DICOM's ages (045Y, 007M), numbers with a unit (3 months), and bounds: 85+, 85 or more, >89,
    <18. An age of 0 to 200 alone is one; the ends of a bound are 0 and 200.
    """
    found = [_range(str(age)) if pd.notna(age) else None for age in ages]
    return np.array([(np.nan, np.nan) if one is None else one for one in found], dtype=np.float64).reshape(-1, 2)


def exact_ages(ages: pd.Series) -> FloatArray:
    """Read the ages that are known to the year or better: (n,) years; NaN for bounds and what cannot be read."""
    low, high = age_ranges(ages).T
    return np.where(low == high, low, np.nan)


def _range(text: str) -> tuple[float, float] | None:
    words = text.strip().casefold()
    read = _AGE.fullmatch(words)
    if read is None:
        return None
    years = float(read["number"]) / _A_YEAR[(read["unit"] or "y")[0]]
    if not 0 <= years < _MOST:
        return None
    sign, more = read["sign"] or "", read["more"] or ""
    if sign and more:
        return None
    if sign.startswith(_LESS) or more.endswith(("less", "younger", "under", "below")):
        return 0.0, years if sign not in ("<", "under", "below") else float(np.nextafter(years, 0))
    return (years, _MOST) if sign or more else (years, years)
