"""Differences of several figures in pairs, with intervals that hold for all pairs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray
from core.metrics.difference import Difference
from core.metrics.intervals import Interval, not_estimable

_LEVEL: Final = 0.95
_SAME: Final = 1e-12
"""A spread over resamples below which two figures never part, but for rounding."""


def simultaneous_differences(
    values: Sequence[float], resampled: FloatArray, sizes: Sequence[int]
) -> dict[tuple[int, int], Difference]:
    """Compute every difference of two figures, the first less the second, by their numbers (first below second).

    values : (k,) figures of the same films; NaN is undefined, and so are its differences.
    resampled : (n_resamples, k) the same over resamples of the patients, NaN where a resample leaves one undefined.
    sizes : (k,) positives or films that each stands on; below 5 its differences have no interval.
    Intervals are a difference plus and minus a multiple of its spread over the resamples. The multiple, one for all
    pairs, is what the largest deviation among them stays below in 95 % of the resamples: whichever pair is looked at
    because it looks best, the statement holds. Of one pair it is an ordinary 95 % interval.
    Source: the maximum of studentised statistics over resamples, Westfall and Young 1993; Romano and Wolf, JASA 2005.
    """
    pairs = list(combinations(range(len(values)), 2))
    found = {pair: values[pair[0]] - values[pair[1]] for pair in pairs}
    moved = {(one, other): resampled[:, one] - resampled[:, other] - found[one, other] for one, other in pairs}
    spread = {pair: _spread(deviations) for pair, deviations in moved.items()}
    is_known = {
        pair: spread[pair] > _SAME and not np.isnan(found[pair]) and min(sizes[i] for i in pair) >= MIN_POSITIVES
        for pair in pairs
    }
    multiple = _multiple([moved[pair] / spread[pair] for pair in pairs if is_known[pair]])
    return {
        pair: Difference(
            found[pair],
            _around(found[pair], multiple * spread[pair], sizes, pair)
            if is_known[pair]
            else not_estimable(min(sizes[i] for i in pair)),
        )
        for pair in pairs
    }


def turned(differences: Mapping[tuple[int, int], Difference], first: int, second: int) -> Difference:
    """Give the difference of two figures by their numbers, in either order."""
    if (first, second) in differences:
        return differences[first, second]
    return differences[second, first].negative()


def _spread(deviations: FloatArray) -> float:
    defined = deviations[np.isfinite(deviations)]
    return float(defined.std(ddof=1)) if defined.size > 1 else 0.0


def _multiple(studentised: Sequence[FloatArray]) -> float:
    """How many spreads the largest deviation among all pairs stays below in 95 % of the resamples."""
    if not studentised:
        return 0.0
    largest = np.max(np.abs(np.nan_to_num(np.stack(studentised))), axis=0)
    return float(np.quantile(largest, _LEVEL))


def _around(value: float, half: float, sizes: Sequence[int], pair: tuple[int, int]) -> Interval:
    return Interval(value - half, value + half, min(sizes[number] for number in pair), is_estimable=True)
