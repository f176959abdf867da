"""Numbers of the command line, with the range that each is taken from."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Final

MOST_SEED: Final = 2**32 - 1


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Make an argparse type of a whole number from `low` to `high`; argparse refuses others, naming the range."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if number < low or (high is not None and number > high):
            expected = f"{low} to {high:,}" if high is not None else f"{low} or more"
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number of {expected}")
        return number

    return parse


def number(low: float, high: float, *, above: bool = False) -> Callable[[str], float]:
    """Make an argparse type of a number from `low` (or above it) to `high`; argparse refuses others."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (low < value if above else low <= value) or not value <= high:
            ends = f"above {low:g}" if above else f"from {low:g}"
            upto = f" to {high:g}" if math.isfinite(high) else ""
            raise argparse.ArgumentTypeError(f"{text!r} is no number {ends}{upto}")
        return value

    return parse


seed: Final = whole(0, MOST_SEED)
"""What NumPy, torch and UMAP all take."""
