"""Otsu's level: where a map falls apart into two groups that differ most."""

from __future__ import annotations

import math

import numpy as np

from core.metrics.arrays import FloatArray


def otsu_level(values: FloatArray) -> float:
    """Compute the value from which on (>=) a pixel belongs to the upper group; NaN where all values are the same.

    values : any shape, finite. They are first put into 256 steps between their smallest and their largest, as an 8-bit
        picture has them; of several equally good levels the lowest.
    Source: Otsu, IEEE SMC 1979.

    >>> otsu_level(np.array([0.0, 0.0, 0.1, 0.9, 1.0])), otsu_level(np.array([1.0, 1.0]))
    (0.9, nan)
    """
    low, high = float(values.min()), float(values.max())
    if not high > low:
        return math.nan
    shares = (values.astype(np.float64) - low) / (high - low)
    steps = (255 * shares).astype(np.uint8)
    counts = np.bincount(steps.ravel(), minlength=256).astype(np.float64)
    below = np.cumsum(counts)[:-1]
    sums = np.cumsum(counts * np.arange(256))
    above = counts.sum() - below
    fine = (below > 0) & (above > 0)
    gaps = np.divide(sums[:-1], below, out=np.zeros(255), where=fine)
    gaps -= np.divide(sums[-1] - sums[:-1], above, out=np.zeros(255), where=fine)
    best = int(np.argmax(np.where(fine, below * above * gaps**2, -1)))
    upper = values[steps > best]
    return float(upper.min())
