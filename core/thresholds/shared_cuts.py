"""One threshold for all classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from core.metrics.threshold_counts import ThresholdCounts

_MOST_CUTS: Final = 20_000
"""Above it, as many scores are tried, evenly spread over the films."""


def best_macro_f1_cut(counts: Sequence[ThresholdCounts]) -> float | None:
    """Find the score at which macro F1 is highest, over the classes with a positive and a negative; None without any.

    Of equally good ones the highest. F1 of a class without a negative only grows with what is called.
    """
    telling = [count for count in counts if count.n_positive and count.n_negative]
    if not telling:
        return None
    cuts = np.unique(np.concatenate([count.scores for count in telling]))
    if cuts.size > _MOST_CUTS:
        cuts = cuts[np.linspace(0, cuts.size - 1, _MOST_CUTS).astype(np.intp)]
    total = np.zeros(cuts.size)
    for count in telling:
        total += count.f1[np.searchsorted(count.scores, cuts)]
    return float(cuts[cuts.size - 1 - np.argmax(total[::-1])])


def just_above(middle: float) -> float:
    """Give the next double above the middle of the score kind: positive is what lies above it."""
    return math.nextafter(middle, math.inf)
