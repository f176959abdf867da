"""95 % intervals beside the figures of one setting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.bootstrap import Resampled, resample
from core.metrics.intervals import Interval, not_estimable, percentile_interval, wilson
from core.metrics.summary import ClassMetrics, Overall

_OVERALL_FIGURES = ("macro_f1", "micro_f1", "exact_match", "lrap", "coverage_error", "macro_auroc")


def with_intervals(
    per_class: Mapping[str, ClassMetrics],
    overall: Overall,
    labels: FloatArray,
    scores: FloatArray,
    decisions: BoolArray | None,
    weights: FloatArray,
) -> tuple[dict[str, ClassMetrics], Overall]:
    """The same figures with their intervals; arrays (n_films, n_classes), weights as `patient_weights` draws them."""
    resampled = resample(labels, scores, np.zeros(labels.shape, bool) if decisions is None else decisions, weights)
    classes = {
        finding: replace(metrics, intervals=_class_intervals(metrics, resampled, index))
        for index, (finding, metrics) in enumerate(per_class.items())
    }
    return classes, replace(overall, intervals=_overall_intervals(overall, resampled, len(labels)))


def _class_intervals(metrics: ClassMetrics, resampled: Resampled, index: int) -> dict[str, Interval]:
    """f1, auroc by patient; precision, recall, specificity by Wilson. An undefined figure has no interval."""
    n_negative = metrics.n_read - metrics.n_positive
    intervals = {
        "f1": _percentiles(metrics.f1, resampled.f1[:, index], metrics.n_positive),
        "auroc": _percentiles(metrics.auroc, resampled.auroc[:, index], min(metrics.n_positive, n_negative)),
    }
    cells = metrics.confusion
    if cells is not None:
        intervals["precision"] = wilson(cells.tp, cells.n_predicted)
        intervals["recall"] = wilson(cells.tp, cells.n_positive)
        intervals["specificity"] = wilson(cells.tn, cells.tn + cells.fp)
    return intervals


def _overall_intervals(overall: Overall, resampled: Resampled, n_films: int) -> dict[str, Interval]:
    sizes = {
        "exact_match": overall.n_films_matched,
        "lrap": overall.n_films_ranked,
        "coverage_error": overall.n_films_ranked,
    }
    return {
        name: _percentiles(getattr(overall, name), getattr(resampled, name), sizes.get(name, n_films))
        for name in _OVERALL_FIGURES
    }


def _percentiles(figure: float, resampled: FloatArray, n: int) -> Interval:
    return not_estimable(n) if math.isnan(figure) else percentile_interval(resampled, n)
