"""Settings ranked by one figure on the same films, and how sure each difference is when all pairs are looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.difference import Difference
from core.metrics.intervals import Interval, not_estimable, percentile_interval
from core.metrics.overall_figure import OverallFigure
from core.metrics.overall_figures import MACRO_AUROC, MACRO_F1, Overall, overall_figures
from core.metrics.ranking import roc_auc
from core.metrics.resampled import resample
from core.metrics.resampling import Resamples
from core.metrics.simultaneous import simultaneous_differences, turned
from core.metrics.summary import summarise_overall
from core.thresholds.compare import common_labels, resampled_figures, split_resamples
from core.thresholds.sets import ThresholdSet

if TYPE_CHECKING:
    from core.study import Study

MOST_CONTESTED: Final = 20_000
"""Films up to which settings are ranked with intervals where somebody waits, by a figure of decisions."""
MOST_RANKED: Final = 10_000
"""The same by a figure of rankings, whose areas take longer."""


@dataclass(frozen=True)
class Contestant:
    """One setting's figure with its own 95 % interval; NaN where it is undefined."""

    setting: str
    value: float
    interval: Interval


@dataclass(frozen=True)
class Contest:
    """Settings ranked by one figure.

    rows : best first; in the order of the study where values are the same, and last where they are undefined.
    differences : by two settings, the first less the second, for every two rows in their order; intervals hold for
        all pairs at once.
    left_out : classes that some setting learnt nothing of, which are left out for all.
    is_resampled : whether there are intervals at all; not where films are too many.
    """

    figure: OverallFigure
    rows: tuple[Contestant, ...]
    differences: dict[tuple[str, str], Difference]
    left_out: tuple[str, ...]
    is_resampled: bool = True

    @property
    def defined(self) -> tuple[Contestant, ...]:
        """List the rows whose figure is defined, best first."""
        return tuple(row for row in self.rows if not math.isnan(row.value))

    def row(self, setting: str) -> Contestant:
        """Find the row of a setting."""
        return next(row for row in self.rows if row.setting == setting)

    def difference(self, first: str, second: str) -> Difference:
        """Give the figure of a setting less that of another."""
        if (first, second) in self.differences:
            return self.differences[first, second]
        return self.differences[second, first].negative()

    @property
    def rivals(self) -> tuple[str, ...]:
        """List the settings that the best is not clearly ahead of, the nearest first; empty where it is of all."""
        best, *others = self.defined or self.rows
        return tuple(row.setting for row in others if not self.difference(best.setting, row.setting).is_clear)


def contest_figures() -> tuple[OverallFigure, ...]:
    """List the figures that settings can be ranked by: those with an interval and a better side, macro F1 first."""
    return tuple(one for one in overall_figures() if one.has_interval and one.better is not None)


def usual_figure(sets: Sequence[ThresholdSet]) -> OverallFigure:
    """Choose macro F1, or macro AUROC where no setting has a threshold to decide by."""
    return MACRO_F1 if any(one.is_defined for one in sets) else MACRO_AUROC


def contest(
    study: Study,
    split: str,
    sets: Sequence[ThresholdSet],
    figure: OverallFigure | None = None,
    resamples: Resamples | None = None,
) -> Contest:
    """Rank settings, each at its own thresholds, by a figure over all classes on the films of a split.

    figure : of `contest_figures`; None is `usual_figure`.
    resamples : of the split's patients; None draws them.

    >>> from core.study import open_study
    >>> from core.thresholds import fit_thresholds
    >>> study = open_study("tests/golden/study_v1")
    >>> sets = [fit_thresholds(study, setting) for setting in study.settings]
    >>> [(row.setting, round(row.value, 2)) for row in contest(study, "test", sets).rows]
    [('zero_shot', 0.33), ('linear_probe', 0.22), ('fine_tune', 0.0)]
    """
    figure = figure or usual_figure(sets)
    labels = common_labels(study, split, [one.setting for one in sets])
    is_decided = figure.of_decisions is not None
    n_films = len(study.rows(split))
    resampled: FloatArray | None = None
    if n_films and n_films <= (MOST_CONTESTED if is_decided else MOST_RANKED):
        drawn = resamples or split_resamples(study, split)
        columns = [_resampled(study, split, one, figure, labels, drawn) for one in sets]
        resampled = np.stack(columns, axis=1) if columns else None
    overall = [_overall(study, split, one, labels) for one in sets]
    return ranked(figure, [one.setting for one in sets], overall, resampled, _left_out(study, split, labels))


def ranked(
    figure: OverallFigure,
    settings: Sequence[str],
    overall: Sequence[Overall],
    resampled: FloatArray | None,
    left_out: Sequence[str] = (),
) -> Contest:
    """Rank settings by a figure of their rows over all classes.

    resampled : (n_resamples, n_settings) the figure over resamples of the same patients; None gives no intervals.
    """
    values, sizes = [one.value(figure) for one in overall], [figure.stands_on(one) for one in overall]
    order = _best_first(figure, values)
    drawn = np.full((1, len(values)), np.nan) if resampled is None else resampled
    differences = simultaneous_differences(values, drawn, sizes)
    return Contest(
        figure,
        tuple(Contestant(settings[i], values[i], _interval(values[i], drawn[:, i], sizes[i])) for i in order),
        {
            (settings[one], settings[other]): turned(differences, one, other)
            for place, one in enumerate(order)
            for other in order[place + 1 :]
        },
        tuple(left_out),
        resampled is not None,
    )


def _best_first(figure: OverallFigure, values: Sequence[float]) -> list[int]:
    sign = 1.0 if figure.better == "lower" else -1.0
    return sorted(range(len(values)), key=lambda i: (math.isnan(values[i]), sign * values[i], i))


def _interval(value: float, resampled: FloatArray, size: int) -> Interval:
    return not_estimable(size) if math.isnan(value) else percentile_interval(resampled, size)


def _overall(study: Study, split: str, chosen: ThresholdSet, labels: FloatArray) -> Overall:
    scores = np.asarray(study.scores(chosen.setting)[study.rows(split)])
    decisions = chosen.rule().decide(scores) if chosen.is_defined else None
    aurocs = [roc_auc(labels[:, i], scores[:, i]) for i in range(labels.shape[1])]
    return summarise_overall(labels, scores, decisions, aurocs=aurocs, distances=None, minutes=None)


def _resampled(
    study: Study, split: str, chosen: ThresholdSet, figure: OverallFigure, labels: FloatArray, resamples: Resamples
) -> FloatArray:
    """(n_resamples,) of one setting."""
    if figure.of_decisions is not None and not chosen.is_defined:
        return np.full(resamples.n, np.nan)
    scores = np.asarray(study.scores(chosen.setting)[study.rows(split)])
    decisions = chosen.rule().decide(scores)
    if figure.of_decisions is not None:
        return resampled_figures(labels, decisions, resamples).overall[figure.name]
    return resample(labels, scores, decisions, resamples.film_weights()).overall[figure.name]


def _left_out(study: Study, split: str, labels: FloatArray) -> list[str]:
    lost = ~np.isnan(study.labels[study.rows(split)]) & np.isnan(labels)
    return [study.classes[index] for index in np.flatnonzero(lost.any(axis=0))]
