"""95 % intervals beside the figures of one setting."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.intervals import not_estimable, percentile_interval
from core.metrics.overall_figures import Overall, overall_figures_in
from core.metrics.resampled import resample
from core.metrics.resampling import Resamples


def overall_with_intervals(
    overall: Overall, labels: FloatArray, scores: FloatArray, decisions: BoolArray | None, resamples: Resamples
) -> Overall:
    """Compute the same figures with their intervals;
    arrays (n_films, n_classes), resamples of the patients of those films.
    """
    decided = np.zeros(labels.shape, bool) if decisions is None else decisions
    resampled = resample(labels, scores, decided, resamples).overall
    intervals = {}
    for figure in overall_figures_in("report"):
        if figure.name in resampled:
            n, is_undefined = figure.stands_on(overall), math.isnan(overall.value(figure))
            found = not_estimable(n) if is_undefined else percentile_interval(resampled[figure.name], n)
            intervals[figure.name] = found
    return replace(overall, intervals=intervals)
