"""How a fitted threshold moves when other patients had been there, and how much fitting flatters F1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray, checked_labels, ratios
from core.metrics.resampling import Resamples, draw_resamples
from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.objectives import Steps
from core.thresholds.packed_counts import cuts_of
from core.thresholds.policies import Policy, policy_named

if TYPE_CHECKING:
    from core.study import Study

MOST_REFITTED: Final = 20_000
"""Films up to which thresholds are fitted on every resample where somebody waits; of more it takes minutes."""
_MOST_CELLS: Final = 4_000_000
"""Resamples times steps that are worked on at once."""


@dataclass(frozen=True, eq=False)
class Spread:
    """One class's threshold, fitted on every resample of the patients that it was fitted on.

    thresholds : (n_resamples,) NaN where a resample gives none.
    low, high : the middle 95 % of them; NaN below 5 positives.
    apparent_f1 : F1 on the films of the fit, which flatters.
    corrected_f1 : the same less its optimism: the mean, over resamples, of F1 there minus F1 on the films as they are,
        both at the threshold of the resample. NaN below 2 positives or where nothing was fitted.
        Source: Harrell, Lee, Mark, Statistics in Medicine 1996.
    """

    thresholds: FloatArray
    low: float
    high: float
    n_fitted: int
    apparent_f1: float
    corrected_f1: float
    n_positive: int

    @property
    def is_estimable(self) -> bool:
        """Tell whether there are positives enough to say anything."""
        return self.n_positive >= MIN_POSITIVES and self.n_fitted > 0


def threshold_spread(
    study: Study,
    setting: str,
    policy: str = "max-f1",
    parameter: float | None = None,
    *,
    split: str = "val",
    resamples: Resamples | None = None,
) -> dict[str, Spread]:
    """Compute one Spread per class, over resamples of the patients of the split on which thresholds are fitted.

    Empty for policies that do not fit classes one by one, and where the split holds no film.
    """
    chosen, rows = policy_named(policy), study.rows(split)
    if chosen.objective is None or not rows.size:
        return {}
    drawn = resamples or draw_resamples(study.patient_numbers(rows))
    labels, scores = study.judged_labels(setting)[rows], np.asarray(study.scores(setting)[rows])
    value, weights = chosen.checked(parameter), drawn.film_weights()
    return {
        finding: class_spread(labels[:, index], scores[:, index], chosen, value, weights)
        for index, finding in enumerate(study.classes)
    }


def class_spread(
    labels: FloatArray, scores: FloatArray, policy: Policy, parameter: float, weights: FloatArray
) -> Spread:
    """Compute the spread of one class; labels (n_films,) of {0, 1, NaN},
    scores (n_films,), weights (n_resamples, n_films).
    """
    labels = checked_labels(labels)
    counts = ThresholdCounts.from_scores("", labels, scores)
    fit = policy.fit_class(counts, None if math.isnan(parameter) else parameter)
    apparent = math.nan if fit.threshold is None else counts.at(fit.threshold).f1
    if fit.threshold is None:
        return Spread(np.full(len(weights), np.nan), math.nan, math.nan, 0, apparent, math.nan, counts.n_positive)
    n_blocks = 1 + len(weights) * counts.scores.size // _MOST_CELLS
    parts = [_refits(labels, scores, counts, policy, parameter, block) for block in np.array_split(weights, n_blocks)]
    thresholds, optimism = (np.concatenate(column) for column in zip(*parts, strict=True))
    fitted = thresholds[~np.isnan(thresholds)]
    known = fitted.size and counts.n_positive >= MIN_POSITIVES
    low, high = np.quantile(fitted, [0.025, 0.975]) if known else (math.nan, math.nan)
    flattery = float(np.nanmean(optimism)) if fitted.size and counts.n_positive > 1 else math.nan
    corrected = max(0.0, apparent - flattery) if not math.isnan(flattery) else math.nan
    return Spread(thresholds, float(low), float(high), int(fitted.size), apparent, corrected, counts.n_positive)


def _refits(
    labels: FloatArray,
    scores: FloatArray,
    counts: ThresholdCounts,
    policy: Policy,
    parameter: float,
    weights: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """(n_resamples,) the threshold fitted on each resample, and its F1 there less that on the films as they are."""
    steps = _weighted_steps(labels, scores, counts, weights)
    chosen, _ = policy.best_steps(steps, parameter)
    step, here = np.maximum(chosen, 0), np.arange(len(weights))
    tp, fp = steps.tp[here, step], steps.fp[here, step]
    whole = tp + fp + steps.n_positive[:, 0]
    f1 = ratios(2 * tp, whole)
    is_fitted = chosen >= 0
    thresholds = np.where(is_fitted, cuts_of(counts, step), np.nan)
    return thresholds, np.where(is_fitted, f1 - counts.f1[step], np.nan)


def _weighted_steps(labels: FloatArray, scores: FloatArray, counts: ThresholdCounts, weights: FloatArray) -> Steps:
    """The counts at every step of the films as they are, under each row of weights."""
    rows = np.flatnonzero(~np.isnan(labels))
    order = rows[np.argsort(scores[rows], kind="stable")]
    firsts = np.searchsorted(np.asarray(scores[order], dtype=np.float64), counts.scores)
    positive = labels[order] == 1
    ordered = weights[:, order].astype(np.float64)
    return Steps(counts.scores, _at_or_above(ordered * positive, firsts), _at_or_above(ordered * ~positive, firsts))


def _at_or_above(weights: FloatArray, firsts: IntArray) -> FloatArray:
    """(n_resamples, k + 1) sums of the weights from each first place on."""
    below = np.cumsum(weights, axis=1)
    total = below[:, -1:]
    before = np.concatenate([np.zeros_like(total), below[:, :-1]], axis=1)
    return np.concatenate([total - before[:, firsts], np.zeros_like(total)], axis=1)
