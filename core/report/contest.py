"""Settings ranked by one figure on the same films, and how sure each difference is when all pairs are looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from core.metrics.summary import decided_overall, summarise_overall
from core.thresholds.compare import common_labels, resampled_figures, split_resamples
from core.thresholds.sets import ThresholdSet

if TYPE_CHECKING:
    from core.study import Study


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
    over : what the figure is over, such as "10 classes"; "" where that goes without saying.
    left_out : classes that some setting learnt nothing of, which are left out for all.
    """

    figure: OverallFigure
    rows: tuple[Contestant, ...]
    differences: dict[tuple[str, str], Difference]
    over: str
    left_out: tuple[str, ...]

    @property
    def defined(self) -> tuple[Contestant, ...]:
        """List the rows whose figure is defined, best first."""
        return tuple(row for row in self.rows if not math.isnan(row.value))

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
    return contests(study, split, sets, [figure or usual_figure(sets)], resamples)[0]


def contests(
    study: Study,
    split: str,
    sets: Sequence[ThresholdSet],
    figures: Sequence[OverallFigure],
    resamples: Resamples | None = None,
) -> tuple[Contest, ...]:
    """Rank settings by several figures, each setting resampled once for all of them. Arguments as of `contest`."""
    settings = [one.setting for one in sets]
    labels = common_labels(study, split, settings)
    drawn = (resamples or split_resamples(study, split)) if len(labels) else None
    found = [_figures(study, split, one, figures, labels, drawn) for one in sets]
    overall, left_out = [row for row, _ in found], _left_out(study, split, labels)
    nothing, none = np.full(1, np.nan), np.empty((1, 0))
    return tuple(
        ranked(
            figure,
            settings,
            overall,
            np.stack([columns.get(figure.name, nothing) for _, columns in found], axis=1) if found else none,
            left_out,
        )
        for figure in figures
    )


def ranked(
    figure: OverallFigure,
    settings: Sequence[str],
    overall: Sequence[Overall],
    resampled: FloatArray,
    left_out: Sequence[str] = (),
) -> Contest:
    """Rank settings by a figure of their rows over all classes.

    resampled : (n_resamples, n_settings) the figure over resamples of the same patients.
    """
    values, sizes = [one.value(figure) for one in overall], [figure.stands_on(one) for one in overall]
    order = _best_first(figure, values)
    differences = simultaneous_differences(values, resampled, sizes)
    return Contest(
        figure,
        tuple(Contestant(settings[i], values[i], _interval(values[i], resampled[:, i], sizes[i])) for i in order),
        {
            (settings[one], settings[other]): turned(differences, one, other)
            for place, one in enumerate(order)
            for other in order[place + 1 :]
        },
        figure.over(overall[0]) if overall else "",
        tuple(left_out),
    )


def _best_first(figure: OverallFigure, values: Sequence[float]) -> list[int]:
    sign = 1.0 if figure.better == "lower" else -1.0
    return sorted(range(len(values)), key=lambda i: (math.isnan(values[i]), sign * values[i], i))


def _interval(value: float, resampled: FloatArray, size: int) -> Interval:
    return not_estimable(size) if math.isnan(value) else percentile_interval(resampled, size)


def _figures(
    study: Study,
    split: str,
    chosen: ThresholdSet,
    figures: Sequence[OverallFigure],
    labels: FloatArray,
    resamples: Resamples | None,
) -> tuple[Overall, Mapping[str, FloatArray]]:
    """The row of one setting, and (n_resamples,) by the name of each figure; without those of ranking where none is
    asked for. resamples : None where there is no film.
    """
    scores = np.asarray(study.scores(chosen.setting)[study.rows(split)])
    decisions = chosen.rule().decide(scores)
    if chosen.is_defined and resamples is not None and not _needs_ranking(figures):
        found = resampled_figures(labels, decisions, resamples)
        return decided_overall(found.counts), found.overall
    aurocs = [roc_auc(labels[:, i], scores[:, i]) for i in range(labels.shape[1])]
    decided = decisions if chosen.is_defined else None
    overall = summarise_overall(labels, scores, decided, aurocs=aurocs, distances=None, minutes=None)
    if resamples is None:
        return overall, {}
    resampled, undecided = resample(labels, scores, decisions, resamples).overall, np.full(resamples.n, np.nan)
    return overall, {
        one.name: resampled[one.name] if one.of_decisions is None or chosen.is_defined else undecided for one in figures
    }


def _needs_ranking(figures: Sequence[OverallFigure]) -> bool:
    return any(one.of_decisions is None for one in figures)


def _left_out(study: Study, split: str, labels: FloatArray) -> list[str]:
    lost = ~np.isnan(study.labels[study.rows(split)]) & np.isnan(labels)
    return [study.classes[index] for index in np.flatnonzero(lost.any(axis=0))]
