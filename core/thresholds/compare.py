"""Settings against each other on the same films, in pairs, and intervals of the figures over all classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, checked_labels, ratios
from core.metrics.bootstrap import Resampled, resample
from core.metrics.classification import confusions
from core.metrics.difference import Difference, paired_difference
from core.metrics.intervals import Interval, percentile_interval
from core.metrics.ranking import roc_auc
from core.metrics.resampling import Resamples, draw_resamples
from core.thresholds.live_counts import OverallFigures, overall_figures
from core.thresholds.sets import ThresholdSet

if TYPE_CHECKING:
    from core.study import Study

MOST_COMPARED: Final = 10_000
"""Films up to which settings are compared where somebody waits: areas of 1,000 resamples take seconds."""
OVERALL: Final = ("macro_f1", "micro_f1", "exact_match", "macro_auroc")


@dataclass(frozen=True)
class Comparison:
    """Two settings of a study. per_class : by class, of "f1" and "auroc".  overall : of OVERALL."""

    first: str
    second: str
    per_class: Mapping[str, Mapping[str, Difference]]
    overall: Mapping[str, Difference]

    def reversed(self) -> Comparison:
        """Second less first."""
        per_class = {
            finding: {name: one.negative() for name, one in found.items()} for finding, found in self.per_class.items()
        }
        overall = {name: one.negative() for name, one in self.overall.items()}
        return Comparison(self.second, self.first, per_class, overall)


@dataclass(frozen=True, eq=False)
class _Side:
    """The figures of one setting, and the same over the resamples."""

    setting: str
    f1: FloatArray
    auroc: FloatArray
    overall: Mapping[str, float]
    resampled: Resampled


def split_resamples(study: Study, split: str, n_resamples: int | None = None) -> Resamples:
    """The resamples of the patients of a split; the same for the same films."""
    return draw_resamples(study.patient_ids(study.rows(split)), n_resamples)


def overall_intervals(
    study: Study, split: str, chosen: ThresholdSet, resamples: Resamples | None = None
) -> dict[str, Interval]:
    """95 % intervals of macro_f1, micro_f1, exact_match and hamming, by percentile bootstrap over patients."""
    return resampled_set(study, split, chosen, resamples or split_resamples(study, split)).intervals()


@dataclass(frozen=True, eq=False)
class ResampledFigures:
    """Figures over resamples of patients; NaN where a resample leaves one undefined.

    overall : (n_resamples,) of macro_f1, micro_f1, exact_match and hamming.  f1 : (n_resamples, n_classes).
    sizes : of each overall figure, the positives or films that it stands on.
    """

    overall: Mapping[str, FloatArray]
    f1: FloatArray
    sizes: Mapping[str, int]

    def intervals(self) -> dict[str, Interval]:
        """95 % percentile intervals of the figures over all classes."""
        return {name: percentile_interval(values, self.sizes[name]) for name, values in self.overall.items()}


def overall_differences(
    one: OverallFigures, resampled: ResampledFigures, other: OverallFigures, other_resampled: ResampledFigures
) -> dict[str, Difference]:
    """One less other, of the figures over all classes of two sets of decisions on the same resamples of films."""
    return {
        name: paired_difference(
            getattr(one, name) - getattr(other, name), values - other_resampled.overall[name], resampled.sizes[name]
        )
        for name, values in resampled.overall.items()
    }


def resampled_set(study: Study, split: str, chosen: ThresholdSet, resamples: Resamples) -> ResampledFigures:
    """The figures of a set on the films of a split, over resamples of their patients."""
    rows = study.rows(split)
    return resampled_figures(study.labels[rows], chosen.rule().decide(study.scores(chosen.setting)[rows]), resamples)


def resampled_figures(labels: FloatArray, decisions: BoolArray, resamples: Resamples) -> ResampledFigures:
    """The same for any decisions (n_films, n_classes) and labels {0, 1, NaN} of that shape."""
    labels = checked_labels(labels)
    read, positive = ~np.isnan(labels), labels == 1
    decided, wrong = decisions & read, (decisions != positive) & read
    fully = read.all(axis=1)
    columns = [positive & decided, positive, decided]
    cells = np.column_stack([*columns, fully, fully & ~wrong.any(axis=1), wrong.sum(axis=1), read.sum(axis=1)])
    sums = resamples.sums(cells.astype(np.float64))
    n_classes = labels.shape[1]
    tp, positives, predicted = (sums[:, start : start + n_classes] for start in (0, n_classes, 2 * n_classes))
    n_fully, right, n_wrong, n_read = sums[:, 3 * n_classes :].T
    f1 = ratios(2 * tp, positives + predicted)
    judged = np.where(positives > 0, f1, np.nan)
    n_labels = int(np.count_nonzero(positive))
    return ResampledFigures(
        overall={
            "macro_f1": ratios(np.nansum(judged, axis=1), (~np.isnan(judged)).sum(axis=1)),
            "micro_f1": ratios(2 * tp.sum(axis=1), (positives + predicted).sum(axis=1)),
            "exact_match": ratios(right, n_fully),
            "hamming": ratios(n_wrong, n_read),
        },
        f1=f1,
        sizes={
            "macro_f1": n_labels,
            "micro_f1": n_labels,
            "exact_match": int(fully.sum()),
            "hamming": int(read.any(axis=1).sum()),
        },
    )


def decision_intervals(labels: FloatArray, decisions: BoolArray, resamples: Resamples) -> dict[str, Interval]:
    """95 % intervals of the figures over all classes of any decisions (n_films, n_classes), by patient."""
    return resampled_figures(labels, decisions, resamples).intervals()


def compare_all(
    study: Study, split: str, sets: Sequence[ThresholdSet], resamples: Resamples | None = None
) -> tuple[Comparison, ...]:
    """Compare every pair of sets, the earlier less the later, over the same resamples of the same patients."""
    weights = (resamples or split_resamples(study, split)).film_weights()
    labels = study.labels[study.rows(split)]
    sides = [_side(study, split, chosen, labels, weights) for chosen in sets]
    return tuple(_comparison(study.classes, labels, *pair) for pair in combinations(sides, 2))


def _comparison(classes: Sequence[str], labels: FloatArray, one: _Side, other: _Side) -> Comparison:
    n_positive, n_negative = (np.count_nonzero(labels == value, axis=0) for value in (1, 0))
    fewest = {"f1": n_positive, "auroc": np.minimum(n_positive, n_negative)}
    per_class = {
        finding: {
            name: paired_difference(
                float(getattr(one, name)[i] - getattr(other, name)[i]), _gap(one, other, name)[:, i], int(n[i])
            )
            for name, n in fewest.items()
        }
        for i, finding in enumerate(classes)
    }
    overall = {
        name: paired_difference(one.overall[name] - other.overall[name], _gap(one, other, name), len(labels))
        for name in OVERALL
    }
    return Comparison(one.setting, other.setting, per_class, overall)


def _side(study: Study, split: str, chosen: ThresholdSet, labels: FloatArray, weights: FloatArray) -> _Side:
    scores = np.asarray(study.scores(chosen.setting)[study.rows(split)])
    decisions = chosen.rule().decide(scores)
    auroc = np.array([roc_auc(labels[:, index], scores[:, index]) for index in range(labels.shape[1])])
    figures = overall_figures(labels, decisions)
    defined = auroc[~np.isnan(auroc)]
    return _Side(
        setting=chosen.setting,
        f1=np.array([counts.f1 for counts in confusions(labels, decisions)]),
        auroc=auroc,
        overall={
            "macro_f1": figures.macro_f1,
            "micro_f1": figures.micro_f1,
            "exact_match": figures.exact_match,
            "macro_auroc": float(defined.mean()) if defined.size else math.nan,
        },
        resampled=resample(labels, scores, decisions, weights),
    )


def _gap(one: _Side, other: _Side, name: str) -> FloatArray:
    gap: FloatArray = getattr(one.resampled, name) - getattr(other.resampled, name)
    return gap
