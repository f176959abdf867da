"""Numbers in words: figures, intervals, differences and shares that may be undefined, in one wording for the project.

- A figure that is undefined is an en dash, never 0 and never nan: "–".
- An interval is "0.301 to 0.523"; where there is none to give, "not estimable, n = 3", with what it is based on.
- A figure with its interval is "0.412 (0.301 to 0.523)", a difference "+0.100 (+0.012 to +0.188)".
- Shares, areas and differences have three digits, distances and minutes two, and the ends of an interval as many as
  their figure. Thresholds have four significant digits.
- Where a class has all its figures in one line, beside its counts, as in a terminal or a paper, they have two digits,
  and what an interval is based on is not said again (`crowded_words`).
- A minus is a minus ("−", not a hyphen), and what rounds to zero has no sign.

Every page, figure, command and export says numbers through this module; CSV and JSON hold them as they are.
"""

from __future__ import annotations

import math
from typing import Final, Protocol

UNDEFINED: Final = "–"
"""What stands for a figure that has no value."""
DIGITS: Final = 3
_IN_A_CROWD: Final = 2
_NOT_ESTIMABLE: Final = "not estimable"
MINUS: Final = "−"
_SPACE: Final = "\N{NO-BREAK SPACE}"


class Ends(Protocol):
    """What an interval says of itself: its ends, what it is based on, and whether it has ends at all."""

    @property
    def low(self) -> float:
        """Give the lower end; NaN where the interval is not estimable."""

    @property
    def high(self) -> float:
        """Give the upper end; infinite where there is none."""

    @property
    def n(self) -> int:
        """Give the films, positives or pairs that it stands on."""

    @property
    def is_estimable(self) -> bool:
        """Tell whether it has ends."""


def number_words(value: float | None, digits: int = DIGITS) -> str:
    """Say a number with so many digits after the point; a dash where it is None or NaN.

    >>> number_words(0.4117), number_words(-2.5, 1), number_words(-0.0001), number_words(float("nan"))
    ('0.412', '−2.5', '0.000', '–')
    """
    if value is None or math.isnan(value):
        return UNDEFINED
    return _unsigned_zero(f"{value:,.{digits}f}")


def signed_words(value: float | None, digits: int = DIGITS) -> str:
    """Say a difference, with its sign; a dash where it is None or NaN.

    >>> signed_words(0.1), signed_words(-0.1), signed_words(-0.0001)
    ('+0.100', '−0.100', '0.000')
    """
    if value is None or math.isnan(value):
        return UNDEFINED
    return _unsigned_zero(f"{value:+,.{digits}f}")


def count_words(number: int | None) -> str:
    """Say how many there are, thousands apart; a dash for None, where nothing could be counted.

    >>> count_words(1234), count_words(None)
    ('1,234', '–')
    """
    return UNDEFINED if number is None else f"{number:,}"


def share_words(share: float | None, digits: int = 0) -> str:
    """Say a share 0..1 in per cent; a dash where it is None or NaN.

    >>> share_words(0.4117), share_words(0.4117, 1), share_words(float("nan"))
    ('41\\xa0%', '41.2\\xa0%', '–')
    """
    if share is None or math.isnan(share):
        return UNDEFINED
    return f"{number_words(100 * share, digits)}{_SPACE}%"


def threshold_words(value: float | None, digits: int = 4) -> str:
    """Say a threshold with so many significant digits; a dash where a class has none.

    >>> threshold_words(-0.123456), threshold_words(12.0), threshold_words(None)
    ('−0.1235', '12', '–')
    """
    if value is None or math.isnan(value):
        return UNDEFINED
    return _unsigned_zero(f"{value:.{digits}g}")


def cut_words(low: float | None, high: float | None = None, digits: int = 4) -> str:
    """Say a class's threshold, or its rule-out and rule-in cuts; a dash where it has none.

    >>> cut_words(0.25), cut_words(0.25, 0.75), cut_words(None)
    ('0.25', '0.25 / 0.75', '–')
    """
    said = threshold_words(low, digits)
    return said if said == UNDEFINED or high is None else f"{said} / {threshold_words(high, digits)}"


def range_words(low: float, high: float, digits: int = DIGITS) -> str:
    """Say from where to where; "0.25 or more" without an upper end, a dash where an end is NaN.

    >>> range_words(0.3011, 0.5229), range_words(0.25, float("inf"), 2)
    ('0.301 to 0.523', '0.25 or more')
    """
    if math.isnan(low) or math.isnan(high):
        return UNDEFINED
    first = number_words(low, digits)
    return f"{first} or more" if math.isinf(high) else f"{first} to {number_words(high, digits)}"


def interval_words(interval: Ends, digits: int = DIGITS) -> str:
    """Say an interval by its ends, or that it is not estimable, with what it is based on."""
    return range_words(interval.low, interval.high, digits) if interval.is_estimable else _not_estimable(interval)


def signed_interval_words(interval: Ends, digits: int = DIGITS) -> str:
    """Say the interval of a difference, its ends with their signs, so that the side of 0 is seen: an end that would be
    rounded to 0 has more digits, up to three.
    """
    if not interval.is_estimable:
        return _not_estimable(interval)
    return f"{_end_words(interval.low, digits)} to {_end_words(interval.high, digits)}"


def _end_words(end: float, digits: int) -> str:
    """One end of a difference.

    >>> _end_words(-0.0003, 3), _end_words(0.0, 3), _end_words(-1e-9, 3), _end_words(-0.083, 3)
    ('−0.0003', '0.000', '0.000', '−0.083')
    """
    for more in range(4):
        if round(end, digits + more):
            return signed_words(end, digits + more)
    return signed_words(end, digits)


def figure_words(value: float | None, interval: Ends | None = None, digits: int = DIGITS) -> str:
    """Say a figure, and in brackets its interval where there is one; a dash alone where the figure is undefined."""
    said = number_words(value, digits)
    return said if said == UNDEFINED or interval is None else f"{said} ({interval_words(interval, digits)})"


def crowded_words(value: float | None, interval: Ends | None = None) -> str:
    """Say a figure of a line full of figures: two digits, and the counts in the line say what it is based on."""
    said = number_words(value, _IN_A_CROWD)
    if said == UNDEFINED or interval is None:
        return said
    return f"{said} ({interval_words(interval, _IN_A_CROWD) if interval.is_estimable else _NOT_ESTIMABLE})"


def difference_words(value: float | None, interval: Ends, digits: int = DIGITS) -> str:
    """Say a difference, and in brackets its interval; a dash alone where the difference is undefined."""
    said = signed_words(value, digits)
    return said if said == UNDEFINED else f"{said} ({signed_interval_words(interval, digits)})"


def split_words(split: str) -> str:
    """Say a split's name before "films"; "all" is of all films.

    >>> split_words("val"), split_words("test")
    ('validation', 'test')
    """
    return {"val": "validation"}.get(split, split)


def unbroken(words: str) -> str:
    """Keep words in one piece, so that a narrow column does not break them."""
    return words.replace(" ", _SPACE)


def _not_estimable(interval: Ends) -> str:
    return f"{_NOT_ESTIMABLE}, n = {interval.n:,}"


def _unsigned_zero(text: str) -> str:
    """A number as text with a minus for a hyphen, and without a sign where nothing but zeros is left."""
    digits = text.lstrip("+-")
    return text.replace("-", MINUS) if digits.strip("0.,") else digits
