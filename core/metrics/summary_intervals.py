"""95 % intervals beside the figures of one setting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.class_figure import ClassFilms
from core.metrics.class_figures import ClassMetrics, class_figures
from core.metrics.intervals import Interval, not_estimable, percentile_interval
from core.metrics.overall_figures import Overall, overall_figures_in
from core.metrics.patients import Patients
from core.metrics.resampled import resample
from core.metrics.resampling import Resamples


def overall_with_intervals(
    overall: Overall, labels: FloatArray, scores: FloatArray, decisions: BoolArray | None, resamples: Resamples
) -> Overall:
    """Compute the same figures with their intervals;
    arrays (n_films, n_classes), resamples of the patients of those films.
    """
    decided = np.zeros(labels.shape, bool) if decisions is None else decisions
    resampled = resample(labels, scores, decided, resamples.film_weights()).overall
    intervals = {}
    for figure in overall_figures_in("report"):
        if figure.name in resampled:
            n, is_undefined = figure.stands_on(overall), math.isnan(overall.value(figure))
            found = not_estimable(n) if is_undefined else percentile_interval(resampled[figure.name], n)
            intervals[figure.name] = found
    return replace(overall, intervals=intervals)


def class_metric_intervals(
    per_class: Mapping[str, ClassMetrics],
    labels: FloatArray,
    scores: FloatArray,
    decisions: BoolArray | None,
    patients: Patients,
) -> dict[str, ClassMetrics]:
    """Compute the same figures of every class with their intervals;
    arrays (n_films, n_classes), patients of those films.
    """
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
    films = ClassFilms(labels, decided, patients, scores)
    intervals = {}
    for figure in class_figures():
        if figure.interval is not None:
            is_undecided = figure.of_decisions is not None and metrics.confusion is None
            intervals[figure.name] = not_estimable(metrics.n_positive) if is_undecided else figure.interval(films)
    return intervals
