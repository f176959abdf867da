"""Effects of many variants at once: differences, their intervals over shared resamples, and what these say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.claims.claim import Claim
from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray
from core.metrics.intervals import wilson

Int8Array = npt.NDArray[np.int8]
HOLDS, CONTRADICTS, UNTOLD = 1, -1, 0
LEVEL: Final = 0.95


@dataclass(frozen=True, eq=False)
class Effects:
    """Of V variants; NaN where undefined, and for the ends of an interval that is not estimable.

    first, second : the figures that are compared.  low, high : the 95 % interval of first less second.
    error : standard error over the resamples.  n : positives or films that the interval stands on.
    peak : (R,) over the resamples, the largest distance of a variant from its effect, in its standard errors; empty
        where no variant has an interval.
    """

    first: FloatArray
    second: FloatArray
    low: FloatArray
    high: FloatArray
    error: FloatArray
    n: IntArray
    peak: FloatArray

    @property
    def effect(self) -> FloatArray:
        """Give first less second."""
        return self.first - self.second


def effects_of(
    first: Sequence[FloatArray],
    second: Sequence[FloatArray],
    n: IntArray,
    *,
    is_turned: Sequence[bool],
    counts_films: Sequence[bool],
) -> Effects:
    """Compute the effects of variants: each side (1 + R,), the films as they are and then R resamples.

    is_turned : whether the interval is turned round the effect, where a resample drives figures apart.
    counts_films : whether the first figure is a share of n films set against a number, which has Wilson's interval
        where all resamples agree.
    """
    ones, others = np.stack(first), np.stack(second)
    rows = ones - others
    effect, resampled = rows[:, 0], rows[:, 1:]
    low, high = percentiles(resampled)
    turned = np.asarray(is_turned)
    low, high = np.where(turned, 2 * effect - high, low), np.where(turned, 2 * effect - low, high)
    least, most = _ends(resampled)
    same = np.isclose(least, most, rtol=1e-9, atol=1e-12)
    refused = np.isnan(effect) | (n < MIN_POSITIVES) | same | np.isnan(least)
    low, high = np.where(refused, np.nan, low), np.where(refused, np.nan, high)
    alike = np.array([one is other or np.array_equal(one, other) for one, other in zip(first, second, strict=True)])
    low[alike & ~np.isnan(effect)] = high[alike & ~np.isnan(effect)] = 0.0
    for index in np.flatnonzero(np.asarray(counts_films) & same & ~np.isnan(effect) & (n >= MIN_POSITIVES)):
        interval = wilson(round(float(ones[index, 0]) * int(n[index])), int(n[index]))
        low[index], high[index] = interval.low - others[index, 0], interval.high - others[index, 0]
    error = _error(resampled)
    told = ~refused & (error > 0)
    return Effects(ones[:, 0], others[:, 0], low, high, error, n, _peak(rows[told], error[told]))


def percentiles(resampled: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Compute (V,) the ends of the middle 95 % of each row of (V, R), NaN left out; NaN where nothing is defined.

    >>> low, high = percentiles(np.linspace(0, 1, 101)[None])
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.025, 0.975)
    """
    ends = np.full((2, len(resampled)), np.nan)
    numbers = np.count_nonzero(~np.isnan(resampled), axis=1)
    for number in np.unique(numbers[numbers > 0]):
        rows = numbers == number
        ends[:, rows] = _of_defined(resampled[rows], int(number))
    return ends[0], ends[1]


def _of_defined(rows: FloatArray, number: int) -> FloatArray:
    """(2, V) of rows with so many defined values: between neighbours in a straight line."""
    places = np.array([0.5 - LEVEL / 2, 0.5 + LEVEL / 2]) * (number - 1)
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, number - 1)
    ordered = np.partition(rows, np.unique(np.concatenate([below, above])), axis=1)
    start, end = ordered[:, below], ordered[:, above]
    return np.asarray((start + (end - start) * (places - below)).T)


def _ends(resampled: FloatArray) -> tuple[FloatArray, FloatArray]:
    defined = np.isfinite(resampled)
    least = np.where(defined, resampled, np.inf).min(axis=1)
    most = np.where(defined, resampled, -np.inf).max(axis=1)
    return np.where(np.isinf(least), np.nan, least), np.where(np.isinf(most), np.nan, most)


def _error(resampled: FloatArray) -> FloatArray:
    defined = np.isfinite(resampled)
    number = np.maximum(defined.sum(axis=1), 1)
    known = np.where(defined, resampled, 0.0)
    mean = known.sum(axis=1) / number
    return np.asarray(np.sqrt((np.where(defined, resampled - mean[:, None], 0.0) ** 2).sum(axis=1) / number))


def _peak(rows: FloatArray, error: FloatArray) -> FloatArray:
    if not len(rows):
        return np.zeros(0)
    away = np.abs(rows[:, 1:] - rows[:, 1:].mean(axis=1, keepdims=True)) / error[:, None]
    return np.asarray(np.nan_to_num(away).max(axis=0))


def verdicts(claim: Claim, low: FloatArray, high: FloatArray) -> Int8Array:
    """Say of every variant (V,) whether its interval lies on the claimed side (1), the other (-1), or on both (0)."""
    margin = claim.margin
    if claim.direction in ("near", "apart"):
        inside, outside = (low > -margin) & (high < margin), (low >= margin) | (high <= -margin)
        found = np.where(inside, HOLDS, np.where(outside, CONTRADICTS, UNTOLD))
        return (found if claim.direction == "near" else -found).astype(np.int8)
    if claim.direction == "below":
        low, high = -high, -low
    return np.where(low > margin, HOLDS, np.where(high < margin, CONTRADICTS, UNTOLD)).astype(np.int8)


def joint_factor(peak: FloatArray) -> float:
    """Give how many standard errors wide intervals are that hold all at once in 95 of 100 draws; NaN without any.

    Source: the maximum of studentised bootstrap deviations (Romano and Wolf, Econometrica 2005).
    """
    return float(np.quantile(peak, LEVEL)) if peak.size else float("nan")
