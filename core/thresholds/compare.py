"""Settings against each other on the same films, in pairs, and intervals of the figures over all classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.cells import f1
from core.metrics.class_figures import ClassMetrics, class_figures_in
from core.metrics.difference import Difference, paired_difference
from core.metrics.evidence import DecisionCounts, Evidence, count_resampled
from core.metrics.intervals import Interval, percentile_interval
from core.metrics.overall_figures import Overall, overall_figures, overall_figures_in
from core.metrics.resampled import Resampled, overall_resampled, resample
from core.metrics.resampling import Resamples, draw_resamples
from core.metrics.summary import sizes_of, summarise_classes, summarise_overall
from core.thresholds.sets import ThresholdSet

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class Comparison:
    """Two settings of a study, by the names of figures.

    per_class : by class, of the figures of a class that can be resampled.
    overall : of those over classes.
    """

    first: str
    second: str
    per_class: Mapping[str, Mapping[str, Difference]]
    overall: Mapping[str, Difference]

    def reversed(self) -> Comparison:
        """Give the comparison the other way round: second less first."""
        per_class = {
            finding: {name: one.negative() for name, one in found.items()} for finding, found in self.per_class.items()
        }
        overall = {name: one.negative() for name, one in self.overall.items()}
        return Comparison(self.second, self.first, per_class, overall)


@dataclass(frozen=True, eq=False)
class _Side:
    """The figures of one setting, and the same over the resamples."""

    setting: str
    per_class: Mapping[str, ClassMetrics]
    overall: Overall
    resampled: Resampled


def split_resamples(study: Study, split: str, n_resamples: int | None = None) -> Resamples:
    """Draw the resamples of the patients of a split; the same for the same films."""
    return draw_resamples(study.patient_numbers(study.rows(split)), n_resamples)


def overall_intervals(
    study: Study, split: str, chosen: ThresholdSet, resamples: Resamples | None = None
) -> dict[str, Interval]:
    """Compute the 95 % intervals of macro_f1, micro_f1, exact_match and hamming,
    by percentile bootstrap over patients.
    """
    return resampled_set(study, split, chosen, resamples or split_resamples(study, split)).intervals()


@dataclass(frozen=True, eq=False)
class ResampledFigures:
    """Figures over resamples of patients; NaN where a resample leaves one undefined.

    counts : of the films as they are.
    overall : (n_resamples,) of every figure over classes that has an interval and follows from decisions, by name.
    sizes : of each of them, the positives or films that it stands on.
    f1 : (n_resamples, n_classes).
    n_positive : (n_classes,).
    """

    counts: DecisionCounts
    overall: Mapping[str, FloatArray]
    sizes: Mapping[str, int]
    f1: FloatArray
    n_positive: IntArray

    def intervals(self) -> dict[str, Interval]:
        """Compute the 95 % percentile intervals of the figures over all classes."""
        return {name: percentile_interval(values, self.sizes[name]) for name, values in self.overall.items()}


def overall_differences(
    one: Overall, resampled: ResampledFigures, other: Overall, other_resampled: ResampledFigures
) -> dict[str, Difference]:
    """Take the difference, one less other, of the figures over all classes of two sets of decisions on the same
    resamples of films.
    """
    return {
        name: paired_difference(
            one.values[name] - other.values[name], values - other_resampled.overall[name], resampled.sizes[name]
        )
        for name, values in resampled.overall.items()
    }


def resampled_set(study: Study, split: str, chosen: ThresholdSet, resamples: Resamples) -> ResampledFigures:
    """Compute the figures of a set on the films of a split, over resamples of their patients."""
    rows = study.rows(split)
    labels, scores = study.judged_labels(chosen.setting)[rows], study.scores(chosen.setting)[rows]
    return resampled_figures(labels, chosen.rule().decide(scores), resamples)


def resampled_figures(labels: FloatArray, decisions: BoolArray, resamples: Resamples) -> ResampledFigures:
    """Compute the figures of any decisions (n_films, n_classes) and labels {0, 1, NaN} of that shape."""
    whole, counts = count_resampled(labels, decisions, resamples.sums)
    sizes, overall = sizes_of(whole), overall_resampled(Evidence(counts))
    return ResampledFigures(
        counts=whole,
        overall=overall,
        sizes={figure.name: figure.stands_on(sizes) for figure in overall_figures() if figure.name in overall},
        f1=np.stack([np.asarray(f1(cells)) for cells in counts.classes], axis=1),
        n_positive=np.count_nonzero(labels == 1, axis=0),
    )


def decision_intervals(labels: FloatArray, decisions: BoolArray, resamples: Resamples) -> dict[str, Interval]:
    """Compute the 95 % intervals of the figures over all classes of any decisions (n_films, n_classes), by patient."""
    return resampled_figures(labels, decisions, resamples).intervals()


def common_labels(study: Study, split: str, settings: Sequence[str]) -> FloatArray:
    """Give the labels (n, C) of a split that all of some settings can be judged by:
    NaN also for a class that any of them learnt nothing of.
    """
    rows = study.rows(split)
    labels = study.labels[rows]
    for setting in settings:
        if study.untrained(setting):
            labels = np.where(np.isnan(study.judged_labels(setting)[rows]), np.nan, labels)
    return labels


def compare_all(
    study: Study, split: str, sets: Sequence[ThresholdSet], resamples: Resamples | None = None
) -> tuple[Comparison, ...]:
    """Compare every pair of sets, the earlier less the later, over the same resamples of the same patients.

    A class that any of the settings learnt nothing of is left out of all, so that all are judged by the same labels.
    """
    drawn = resamples or split_resamples(study, split)
    labels = common_labels(study, split, [chosen.setting for chosen in sets])
    sides = [_side(study, split, chosen, labels, drawn) for chosen in sets]
    return tuple(_comparison(study.classes, labels, *pair) for pair in combinations(sides, 2))


def _comparison(classes: Sequence[str], labels: FloatArray, one: _Side, other: _Side) -> Comparison:
    n_positive, n_negative = (np.count_nonzero(labels == value, axis=0) for value in (1, 0))
    per_class = {
        finding: {
            figure.name: paired_difference(
                one.per_class[finding].value(figure) - other.per_class[finding].value(figure),
                _gap(one.resampled.of_class, other.resampled.of_class, figure.name)[:, i],
                figure.fewest(int(n_positive[i]), int(n_negative[i])),
            )
            for figure in class_figures_in("comparison")
            if figure.name in one.resampled.of_class
        }
        for i, finding in enumerate(classes)
    }
    overall = {
        figure.name: paired_difference(
            one.overall.value(figure) - other.overall.value(figure),
            _gap(one.resampled.overall, other.resampled.overall, figure.name),
            figure.stands_on(one.overall),
        )
        for figure in overall_figures_in("comparison")
        if figure.name in one.resampled.overall
    }
    return Comparison(one.setting, other.setting, per_class, overall)


def _side(study: Study, split: str, chosen: ThresholdSet, labels: FloatArray, resamples: Resamples) -> _Side:
    scores = np.asarray(study.scores(chosen.setting)[study.rows(split)])
    decisions = chosen.rule().decide(scores)
    per_class = summarise_classes(study.classes, labels, scores, decisions, chosen.array())
    aurocs = [metrics.auroc for metrics in per_class.values()]
    overall = summarise_overall(labels, scores, decisions, aurocs=aurocs, distances=None, minutes=None)
    return _Side(chosen.setting, per_class, overall, resample(labels, scores, decisions, resamples))


def _gap(one: Mapping[str, FloatArray], other: Mapping[str, FloatArray], name: str) -> FloatArray:
    return one[name] - other[name]
