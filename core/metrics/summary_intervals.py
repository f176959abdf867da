"""95 % intervals beside the figures of one setting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.auroc_interval import auroc_interval
from core.metrics.average_precision_interval import average_precision_interval
from core.metrics.bootstrap import Resampled, resample
from core.metrics.count_intervals import SHARES, class_intervals
from core.metrics.intervals import Interval, not_estimable, percentile_interval
from core.metrics.patients import Patients
from core.metrics.resampling import Resamples
from core.metrics.summary import ClassMetrics, Overall

_OVERALL_FIGURES = ("macro_f1", "micro_f1", "exact_match", "lrap", "coverage_error", "macro_auroc")


def overall_with_intervals(
    overall: Overall, labels: FloatArray, scores: FloatArray, decisions: BoolArray | None, resamples: Resamples
) -> Overall:
    """The same figures with their intervals; arrays (n_films, n_classes), resamples of the patients of those films."""
    decided = np.zeros(labels.shape, bool) if decisions is None else decisions
    resampled = resample(labels, scores, decided, resamples.film_weights())
    return replace(overall, intervals=_overall_intervals(overall, resampled, len(labels)))


def class_metric_intervals(
    per_class: Mapping[str, ClassMetrics],
    labels: FloatArray,
    scores: FloatArray,
    decisions: BoolArray | None,
    patients: Patients,
) -> dict[str, ClassMetrics]:
    """The same figures of every class with their intervals; arrays (n_films, n_classes), patients of those films."""
    decided = np.zeros(labels.shape, bool) if decisions is None else decisions
    return {
        finding: replace(
            metrics, intervals=_class_intervals(metrics, labels[:, i], scores[:, i], decided[:, i], patients)
        )
        for i, (finding, metrics) in enumerate(per_class.items())
    }


def _class_intervals(
    metrics: ClassMetrics, labels: FloatArray, scores: FloatArray, decided: BoolArray, patients: Patients
) -> dict[str, Interval]:
    """In closed form, films of one patient counted together. Without decisions only the ranking has an interval."""
    ranking = {
        "auroc": auroc_interval(labels, scores, patients),
        "average_precision": average_precision_interval(labels, scores, patients),
    }
    if metrics.confusion is None:
        return {**dict.fromkeys(SHARES, not_estimable(metrics.n_positive)), **ranking}
    return {**class_intervals(labels, decided, patients), **ranking}


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
