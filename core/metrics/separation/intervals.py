"""Intervals of figures that a resample inflates: distances between class centres, which sampling noise only adds to.

With d dimensions and n films of a class, chance alone keeps two centres apart: their squared distance is too large by
the summed variances over n. A resample adds as much a second time, so that its percentiles lie on the wrong side of
the estimate and of the truth. Turned round about the estimate (the basic bootstrap), on a scale on which the noise is
added, they hold the truth.
"""

from __future__ import annotations

import math

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.intervals import Interval, not_estimable, percentile_interval


def basic_interval(value: float, resampled: FloatArray, n: int, *, power: int) -> Interval:
    """Compute the 95 % basic bootstrap interval of a figure of 0 or more,
    widened where needed to hold the figure itself.

    resampled : (n_resamples,), NaN where undefined.
    n : as of `percentile_interval`, whose refusals hold here.
    power : the noise is added to figure ** power: 2 for a distance of centres over a spread, 1 for a squared one, -2
    for a spread over a distance, whose upper end is infinite where the centres may coincide.
    In a simulation of 573 films in 512 dimensions (14 classes, power-law spectrum, 20 draws) percentiles of the
    centroid ratio hold the population's 0 times, these 20 times; of white noise, where it is 0, 0 and 18 times.
    Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 5.2.
    """
    if math.isnan(value) or value <= 0:
        return not_estimable(n)
    scaled = percentile_interval(_to_power(resampled, power), n)
    if not scaled.is_estimable:
        return scaled
    ends = [max(0.0, 2 * value**power - end) for end in (scaled.low, scaled.high)]
    low, high = sorted(end ** (1 / power) if end or power > 0 else math.inf for end in ends)
    return Interval(min(low, value), max(high, value), n, is_estimable=True)


def _to_power(resampled: FloatArray, power: int) -> FloatArray:
    """NaN where the figure is not above 0 and has no inverse."""
    values = np.asarray(resampled, dtype=np.float64)
    return values**power if power > 0 else np.where(values > 0, values, np.nan) ** float(power)
