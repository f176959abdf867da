"""The figures of one setting: a row for each class, and the row over all classes.

Undefined stays undefined (NaN). As published in arXiv 2506.14136 it does not: precision, recall and F1 are then 0 as in
scikit-learn with zero_division=0, macro F1 counts every class, and a film without a label counts in LRAP and coverage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, checked_labels, judged
from core.metrics.class_figure import ClassFigure, ClassFilms
from core.metrics.class_figures import ClassMetrics, class_figures
from core.metrics.classification import Confusion, confusions
from core.metrics.cumulative import CumulativeCounts
from core.metrics.evidence import DecisionCounts, Evidence, Ranking, count_decisions
from core.metrics.intervals import Interval, not_estimable
from core.metrics.overall_figure import Sizes
from core.metrics.overall_figures import Overall, overall_row
from core.metrics.patients import Patients, number_patients
from core.metrics.separation.distances import ClassDistances


def summarise_classes(
    classes: Sequence[str],
    labels: FloatArray,
    scores: FloatArray,
    decisions: BoolArray | None,
    thresholds: FloatArray,
    *,
    is_published: bool = False,
    patients: Patients | None = None,
) -> dict[str, ClassMetrics]:
    """Compute one ClassMetrics per class.

    labels {0, 1, NaN}, scores, decisions : (n_films, n_classes); decisions None where none could be made. Films are
        counted as they are labelled; where scores are NaN no figure is, and a class without any has no decision.
    thresholds : (n_classes,) to be stated beside the figures; NaN where a class has none.
    patients : whose films they are; with them every figure has its interval, in closed form.
    """
    labels = checked_labels(labels)
    seen = judged(labels, scores)
    counts = [None] * len(classes) if decisions is None else confusions(seen, decisions)
    decided = np.zeros(labels.shape, bool) if decisions is None else decisions
    whose = patients or number_patients(None, len(labels))
    # a class's films one after another: of many films each column would be read from all of the table
    labels_of, seen_of, decided_of, scores_of = (np.ascontiguousarray(one.T) for one in (labels, seen, decided, scores))
    found = {}
    for i, finding in enumerate(classes):
        films = ClassFilms(seen_of[i], decided_of[i], whose, scores_of[i])
        metrics = _class_metrics(finding, labels_of[i], films, counts[i], float(thresholds[i]), is_published)
        found[finding] = metrics if patients is None else replace(metrics, intervals=_intervals(metrics, films))
    return found


def _intervals(metrics: ClassMetrics, films: ClassFilms) -> dict[str, Interval]:
    """Films of one patient count together. Without decisions only the ranking has an interval."""
    found = {}
    for figure in class_figures():
        if figure.interval is not None:
            is_undecided = figure.of_decisions is not None and metrics.confusion is None
            found[figure.name] = not_estimable(metrics.n_positive) if is_undecided else figure.interval(films)
    return found


def _is_unscored(scores: FloatArray) -> BoolArray:
    """(n_classes,) whether no film has a score, for which nothing can be decided."""
    return np.asarray(np.isnan(scores).all(axis=0))


def _class_metrics(
    finding: str,
    labels: FloatArray,
    films: ClassFilms,
    confusion: Confusion | None,
    threshold: float,
    is_published: bool,
) -> ClassMetrics:
    counts, _ = films.ranked
    is_unscored = bool(labels.size and _is_unscored(films.known_scores))
    confusion = None if is_unscored else confusion
    return ClassMetrics(
        finding=finding,
        n_read=int(np.count_nonzero(~np.isnan(labels))),
        n_positive=int(np.count_nonzero(labels == 1)),
        confusion=confusion,
        threshold=math.nan if is_unscored else threshold,
        values={figure.name: _value(figure, confusion, counts, is_published) for figure in class_figures()},
    )


def _value(figure: ClassFigure, confusion: Confusion | None, counts: CumulativeCounts, is_published: bool) -> float:
    value = figure.of(confusion, counts)
    is_zero = is_published and figure.is_zero_as_published and confusion is not None
    return 0.0 if is_zero and math.isnan(value) else value


def summarise_overall(
    labels: FloatArray,
    scores: FloatArray,
    decisions: BoolArray | None,
    *,
    aurocs: Sequence[float],
    distances: ClassDistances | None,
    minutes: float | None,
    is_published: bool = False,
) -> Overall:
    """Compute the row over all classes; arrays as in `summarise_classes`, aurocs one per class.

    distances : None where the study holds no embeddings of the setting's encoder.
    Labels without a score count as unread; as published, where nothing is unread, a class without any is left out.
    """
    labels = judged(checked_labels(labels), scores)
    decided = np.zeros(labels.shape, bool) if decisions is None else decisions
    if is_published and len(labels):
        kept = ~_is_unscored(scores)
        labels, scores, decided = labels[:, kept], scores[:, kept], decided[:, kept]
    counts = count_decisions(labels, decided, is_published=is_published)
    ranking = Ranking(labels, scores, aurocs, is_published=is_published)
    evidence = Evidence(None if decisions is None else counts, ranking, distances, minutes)
    sizes = sizes_of(counts)
    if decisions is None:
        sizes = replace(sizes, n_predicted_labels=None)
    return overall_row(evidence, replace(sizes, n_films_ranked=len(labels)) if is_published else sizes)


def decided_overall(counts: DecisionCounts) -> Overall:
    """Compute the row of decisions alone; what follows from scores is undefined."""
    return overall_row(Evidence(counts), sizes_of(counts))


def sizes_of(counts: DecisionCounts) -> Sizes:
    """Count what the figures of the films themselves stand on, no film drawn twice."""
    has_positive = [cells for cells in counts.classes if cells.tp + cells.fn]
    return Sizes(
        n_true_labels=int(counts.pooled.tp + counts.pooled.fn),
        n_predicted_labels=int(counts.pooled.tp + counts.pooled.fp),
        n_classes_f1=len(counts.classes if counts.is_published else has_positive),
        n_classes_auroc=sum(1 for cells in has_positive if cells.fp + cells.tn),
        n_films=int(counts.n_films),
        n_films_matched=int(counts.n_films_matched),
        n_films_ranked=int(counts.n_films_positive),
    )
