"""What policies make as large as possible, at every step of a class at once. At best 1; NaN = the step is not offered.

Each takes `Steps`, whose counts may have any leading axes (resamples, say), and the policy's parameter. Where there
is no positive or no negative, nothing is fitted, whatever they give.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, ratios
from core.metrics.threshold_counts import ThresholdCounts

_GRID: Final = 256
_SLACK: Final = 1e-9
"""So that 0.8 of 5 positives is 4 of them."""


@dataclass(frozen=True, eq=False)
class Steps:
    """One class's counts at its k + 1 steps; see core.metrics.threshold_counts.

    scores : (k,) ascending.
    tp, fp : (..., k + 1) positives and negatives at or above each step, float64.
    """

    scores: FloatArray
    tp: FloatArray
    fp: FloatArray

    @classmethod
    def of(cls, counts: ThresholdCounts) -> Steps:
        """Take the steps of a class's films as they are."""
        return cls(counts.scores, counts.true_positives.astype(np.float64), counts.false_positives.astype(np.float64))

    @property
    def n_positive(self) -> FloatArray:
        """Give (..., 1) positives."""
        return self.tp[..., :1]

    @property
    def n_negative(self) -> FloatArray:
        """Give (..., 1) negatives."""
        return self.fp[..., :1]


Objective = Callable[[Steps, float], FloatArray]


def best_steps(
    objective: Objective, steps: Steps, parameter: float, *, offers_none: bool = False
) -> tuple[IntArray, FloatArray]:
    """Find the step (...) of each leading axis at which an objective is largest, and the objective (..., k + 1).

    -1 where no step is offered, and where there is no positive or no negative: any objective is then as good as it can
    be for a threshold that tells nothing apart. Of equally good steps the one with the fewest predictions.
    offers_none : whether the step that takes no film is offered.
    """
    values = objective(steps, 1.0 if math.isnan(parameter) else parameter)
    values = np.where(np.isnan(values) | (steps.n_positive == 0) | (steps.n_negative == 0), -np.inf, values)
    if not offers_none:
        values[..., -1] = -np.inf
    best = values.shape[-1] - 1 - np.argmax(values[..., ::-1], axis=-1)
    return np.where(np.isfinite(values.max(axis=-1)), best, -1), values


def f_beta(steps: Steps, beta: float) -> FloatArray:
    """Compute F-beta: recall counts beta times as much as precision. Source: van Rijsbergen, 1979."""
    return _f_beta(steps.tp, steps.fp, steps.n_positive, beta)


def smoothed_f_beta(steps: Steps, beta: float) -> FloatArray:
    """Compute F-beta of scores blurred by a normal kernel, so that no single film of a rare class decides.

    The kernel's width is Silverman's (1.06 sd n^-1/5), of positives and negatives each; counts are kept in 256 bins.
    Source: the smoothed ROC curve of Zou, Hall, Shapiro, Statistics in Medicine 1997.
    """
    low, high = float(steps.scores[0]), float(steps.scores[-1])
    if low == high:
        return f_beta(steps, beta)
    places = np.linspace(low, high, _GRID)
    bins = np.rint((steps.scores - low) / (high - low) * (_GRID - 1)).astype(np.intp)
    firsts = np.flatnonzero(np.r_[True, np.diff(bins) > 0])
    tp, fp = (
        _binned(counts, bins[firsts], firsts) @ _blur(_bandwidth(steps.scores, counts) / (places[1] - places[0]))
        for counts in (steps.tp, steps.fp)
    )
    smooth = _f_beta(tp, fp, steps.n_positive, beta)
    at = (steps.scores - low) / (high - low) * (_GRID - 1)
    left = np.minimum(at.astype(np.intp), _GRID - 2)
    share = at - left
    values = (1 - share) * smooth[..., left] + share * smooth[..., left + 1]
    return np.concatenate([values, np.zeros_like(values[..., :1])], axis=-1)


def mcc(steps: Steps, _: float) -> FloatArray:
    """Compute Matthews' correlation coefficient; 0 where a step has no prediction of one kind.

    Source: Matthews, 1975.
    """
    tp, fp = steps.tp, steps.fp
    fn, tn = steps.n_positive - tp, steps.n_negative - fp
    spread = np.sqrt((tp + fp) * (fn + tn)) * np.sqrt(steps.n_positive * steps.n_negative)
    values: FloatArray = np.divide(tp * tn - fp * fn, spread, out=np.zeros(tp.shape), where=spread > 0)
    return values


def youden(steps: Steps, _: float) -> FloatArray:
    """Compute sensitivity + specificity - 1. Source: Youden, Cancer 1950."""
    n_negative = steps.n_negative
    return ratios(steps.tp * n_negative - steps.fp * steps.n_positive, steps.n_positive * n_negative)


def specificity_at_sensitivity(steps: Steps, sensitivity: float) -> FloatArray:
    """Give the specificity, where at least that share of the positives is found."""
    met = steps.tp >= sensitivity * steps.n_positive - _SLACK
    return np.where(met, 1 - ratios(steps.fp, steps.n_negative), np.nan)


def sensitivity_at_specificity(steps: Steps, specificity: float) -> FloatArray:
    """Give the sensitivity, where at least that share of the negatives is left alone."""
    met = steps.n_negative - steps.fp >= specificity * steps.n_negative - _SLACK
    return np.where(met, ratios(steps.tp, steps.n_positive), np.nan)


def sensitivity_at_precision(steps: Steps, precision: float) -> FloatArray:
    """Give the sensitivity, where at least that share of the predictions is right."""
    met = (steps.tp >= precision * (steps.tp + steps.fp) - _SLACK) & (steps.tp + steps.fp > 0)
    return np.where(met, ratios(steps.tp, steps.n_positive), np.nan)


def specificity_at_npv(steps: Steps, npv: float) -> FloatArray:
    """Give the specificity, where at least that share of the films that are not called is rightly not; NaN without
    negatives.
    """
    tn, cleared = steps.n_negative - steps.fp, steps.n_negative - steps.fp + steps.n_positive - steps.tp
    met = (tn >= npv * cleared - _SLACK) & (cleared > 0)
    return np.where(met, ratios(tn, steps.n_negative), np.nan)


def sensitivity_at_false_alarms(steps: Steps, per_100: float) -> FloatArray:
    """Give the sensitivity, where of 100 films at most so many are false alarms."""
    met = 100 * steps.fp <= per_100 * (steps.n_positive + steps.n_negative) + _SLACK
    return np.where(met, ratios(steps.tp, steps.n_positive), np.nan)


def cost_saved(steps: Steps, ratio: float) -> FloatArray:
    """Give the share of the cost of missing every positive that is saved, where one miss costs `ratio` false alarms.

    0 is to predict nothing, 1 is perfection, and it can be negative.
    """
    return ratios(ratio * steps.tp - steps.fp, ratio * steps.n_positive)


def net_benefit(steps: Steps, probability: float) -> FloatArray:
    """Compute the net benefit at a threshold probability, over the prevalence:
    1 is perfection, 0 is to predict nothing.

    Source: Vickers and Elkin, Medical Decision Making 2006.
    """
    return ratios(steps.tp - steps.fp * probability / (1 - probability), steps.n_positive)


def prevalence_match(steps: Steps, _: float) -> FloatArray:
    """Give 1 - |predicted - positive| / positive."""
    return ratios(steps.n_positive - np.abs(steps.tp + steps.fp - steps.n_positive), steps.n_positive)


def _f_beta(tp: FloatArray, fp: FloatArray, n_positive: FloatArray, beta: float) -> FloatArray:
    return ratios((1 + beta * beta) * tp, beta * beta * n_positive + tp + fp)


def _bandwidth(scores: FloatArray, cumulative: FloatArray) -> float:
    """Silverman's, of the films of all resamples together; their number is that of one."""
    films = np.maximum(-np.diff(cumulative), 0).reshape(-1, scores.size).mean(axis=0)
    n = float(films.sum())
    if n <= 0:
        return 0.0
    mean = float(films @ scores) / n
    return 1.06 * math.sqrt(float(films @ (scores - mean) ** 2) / n) * math.pow(n, -0.2)


def _blur(width: float) -> FloatArray:
    """(from, to): the share of a film at one place that lies at or above another; width in places."""
    lags = np.arange(-_GRID + 1, _GRID)
    shares = np.array([0.5 * (1 + math.erf(lag / (max(width, 1e-6) * math.sqrt(2)))) for lag in lags.tolist()])
    shares[lags == 0] = 0.5 if width > 0.5 else 1.0
    place = np.arange(_GRID)
    return np.asarray(shares[place[:, None] - place[None, :] + _GRID - 1])


def _binned(cumulative: FloatArray, bins: IntArray, firsts: IntArray) -> FloatArray:
    """(..., 256) films in each bin, from counts at or above each step."""
    films = -np.diff(cumulative, axis=-1)
    binned = np.zeros((*films.shape[:-1], _GRID))
    binned[..., bins] = np.add.reduceat(films, firsts, axis=-1)
    return binned
