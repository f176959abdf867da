"""The figures of one setting: a row for each class, and the row over all classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, checked_labels, ratio
from core.metrics.classification import (
    Confusion,
    confusions,
    exact_matches,
    macro_f1,
    macro_f1_all_classes,
    micro_f1,
    pooled,
)
from core.metrics.cumulative import cumulative_counts
from core.metrics.intervals import Interval
from core.metrics.ranking import auroc_of, average_precision_of, film_coverage, film_ranking_precision
from core.metrics.separation.distances import ClassDistances


@dataclass(frozen=True)
class ClassMetrics:
    """One class of one setting, over the films of the split that were read for it. Undefined is NaN.

    confusion : the counts; None where no decision could be made (no threshold, and none can be had without looking).
    threshold : a film is positive where its score is at least this; NaN where the class has none (then it is never
        predicted). Under the paper's protocol the cut is "above", not "at least".
    precision, recall, f1 : NaN where undefined under the sound protocol, 0 there under the paper's.
    auroc, average_precision : of the scores, whatever the threshold; NaN with one class only, without positives.
    intervals : 95 %, by the name of the figure (recall, specificity, precision, f1, auroc, average_precision), in
        closed form with films of one patient counted together; empty unless they were asked for.
    """

    finding: str
    n_read: int
    n_positive: int
    confusion: Confusion | None
    threshold: float
    precision: float
    recall: float
    specificity: float
    f1: float
    auroc: float
    average_precision: float
    intervals: Mapping[str, Interval] = field(default_factory=dict)

    @property
    def n_predicted(self) -> int | None:
        """Films decided positive; None where no decision could be made."""
        return None if self.confusion is None else self.confusion.n_predicted

    @property
    def over_prediction(self) -> float:
        """Predicted / true positives; 1 is balance, NaN without positives or without decisions."""
        return math.nan if self.n_predicted is None else ratio(self.n_predicted, self.n_positive)


@dataclass(frozen=True)
class Overall:
    """One setting over all classes. Undefined is NaN.

    macro_f1, macro_auroc : means over n_classes_f1 and n_classes_auroc classes.
    exact_match : share of the n_films_matched films that were read for every class.
    lrap (0..1), coverage_error (1..n_classes, lower is better) : over n_films_ranked films.
    inter_class_distance, intra_class_distance : Euclidean, in the units of the encoder's original space.
    minutes : that the setting took to make; NaN where nothing was trained or nobody noted it.
    n_true_labels, n_predicted_labels : over films and classes that were read; None where no decision could be made.
    intervals : 95 %, by patient bootstrap, by the name of the figure; empty unless they were asked for.
    """

    macro_f1: float
    micro_f1: float
    exact_match: float
    lrap: float
    coverage_error: float
    macro_auroc: float
    inter_class_distance: float
    intra_class_distance: float
    distance_ratio: float
    minutes: float
    n_true_labels: int
    n_predicted_labels: int | None
    n_classes_f1: int
    n_classes_auroc: int
    n_films_matched: int
    n_films_ranked: int
    intervals: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True)
class Conventions:
    """What stands where a figure has no value of its own.

    without_predictions : precision, recall and F1 that are undefined.
    macro_over_all_classes : whether macro F1 counts classes without positives.
    lrap_without_labels, coverage_without_labels : of a film without a positive label; NaN leaves it out.
    """

    without_predictions: float
    macro_over_all_classes: bool
    lrap_without_labels: float
    coverage_without_labels: float


SOUND: Final = Conventions(math.nan, False, math.nan, math.nan)
"""Undefined stays undefined."""

PAPER: Final = Conventions(0.0, True, 1.0, 0.0)
"""scikit-learn's, with zero_division=0."""


def summarise_classes(
    classes: Sequence[str],
    labels: FloatArray,
    scores: FloatArray,
    decisions: BoolArray | None,
    thresholds: FloatArray,
    conventions: Conventions = SOUND,
) -> dict[str, ClassMetrics]:
    """One ClassMetrics a class.

    labels {0, 1, NaN}, scores, decisions : (n_films, n_classes); decisions None where none could be made.
    thresholds : (n_classes,) to be stated beside the figures; NaN where a class has none.
    """
    labels = checked_labels(labels)
    counts = [None] * len(classes) if decisions is None else confusions(labels, decisions)
    return {
        finding: _class_metrics(finding, labels[:, i], scores[:, i], counts[i], float(thresholds[i]), conventions)
        for i, finding in enumerate(classes)
    }


def _class_metrics(
    finding: str,
    labels: FloatArray,
    scores: FloatArray,
    confusion: Confusion | None,
    threshold: float,
    conventions: Conventions,
) -> ClassMetrics:
    counts = cumulative_counts(labels, scores)

    def filled(value: float) -> float:
        return conventions.without_predictions if math.isnan(value) else value

    return ClassMetrics(
        finding=finding,
        n_read=counts.n_positive + counts.n_negative,
        n_positive=counts.n_positive,
        confusion=confusion,
        threshold=threshold,
        precision=filled(confusion.precision) if confusion else math.nan,
        recall=filled(confusion.recall) if confusion else math.nan,
        specificity=confusion.specificity if confusion else math.nan,
        f1=filled(confusion.f1) if confusion else math.nan,
        auroc=auroc_of(counts),
        average_precision=average_precision_of(counts),
    )


def summarise_overall(
    labels: FloatArray,
    scores: FloatArray,
    decisions: BoolArray | None,
    *,
    aurocs: Sequence[float],
    distances: ClassDistances | None,
    minutes: float | None,
    conventions: Conventions = SOUND,
) -> Overall:
    """The row over all classes; arrays as in `summarise_classes`, aurocs one a class.

    distances : None where the study holds no embeddings of the setting's encoder.
    """
    labels = checked_labels(labels)
    counts = [] if decisions is None else confusions(labels, decisions)
    macro = macro_f1_all_classes if conventions.macro_over_all_classes else macro_f1
    defined_aurocs = [value for value in aurocs if not math.isnan(value)]
    matched, n_matched = _mean(exact_matches(labels, np.zeros(labels.shape, bool) if decisions is None else decisions))
    lrap, n_ranked = _mean(film_ranking_precision(labels, scores), conventions.lrap_without_labels)
    coverage, _ = _mean(film_coverage(labels, scores), conventions.coverage_without_labels)
    has_positive = (labels == 1).any(axis=0)
    return Overall(
        macro_f1=macro(counts),
        micro_f1=micro_f1(counts),
        exact_match=math.nan if decisions is None else matched,
        lrap=lrap,
        coverage_error=coverage,
        macro_auroc=_mean(np.array(defined_aurocs))[0],
        inter_class_distance=distances.inter if distances else math.nan,
        intra_class_distance=distances.intra if distances else math.nan,
        distance_ratio=distances.ratio if distances else math.nan,
        minutes=math.nan if minutes is None else minutes,
        n_true_labels=int(np.count_nonzero(labels == 1)),
        n_predicted_labels=None if decisions is None else pooled(counts).n_predicted,
        n_classes_f1=labels.shape[1] if conventions.macro_over_all_classes else int(has_positive.sum()),
        n_classes_auroc=len(defined_aurocs),
        n_films_matched=n_matched,
        n_films_ranked=n_ranked,
    )


def _mean(values: FloatArray, undefined: float = math.nan) -> tuple[float, int]:
    """The mean of the defined values and their number, after `undefined` has taken the place of NaN."""
    filled = np.where(np.isnan(values), undefined, values)
    defined = filled[~np.isnan(filled)]
    return (float(defined.mean()) if defined.size else math.nan), defined.size
