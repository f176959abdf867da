"""Whether probabilities mean what they say, and how scores are made into probabilities on val."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray, checked_labels

_NEWTON_STEPS: Final = 60
_LARGEST: Final = 500.0
_LEAST_PROBABILITY: Final = 1e-7
_MOST_DRAWN: Final = 40_000_000


@dataclass(frozen=True, eq=False)
class Reliability:
    """Films grouped by predicted probability.

    predicted, observed : (m,) mean probability and share of positives.

    n, n_positive : (m,) films and positives of each group; groups without films are left out.
    """

    predicted: FloatArray
    observed: FloatArray
    n: IntArray
    n_positive: IntArray


def reliability(probabilities: FloatArray, labels: FloatArray, *, n_bins: int = 10) -> Reliability:
    """Sort films into groups of equal width over 0..1;
    probabilities (n_films,) in [0, 1], labels (n_films,) of {0, 1, NaN}.
    """
    labels = checked_labels(labels)
    read = ~np.isnan(labels)
    p, y = np.asarray(probabilities, dtype=np.float64)[read], labels[read]
    group = np.minimum((p * n_bins).astype(np.intp), n_bins - 1)
    n = np.bincount(group, minlength=n_bins)
    positives, total = np.bincount(group, y, n_bins), np.bincount(group, p, n_bins)
    kept = n > 0
    return Reliability(
        total[kept] / n[kept], positives[kept] / n[kept], n[kept], np.rint(positives[kept]).astype(np.int64)
    )


def expected_calibration_error(probabilities: FloatArray, labels: FloatArray, *, n_bins: int = 10) -> float:
    """Compute the mean gap between predicted probability and observed frequency,
    0 is perfect; NaN where no film was read.

    Source: Naeini, Cooper, Hauskrecht, AAAI 2015.

    >>> expected_calibration_error(np.array([0.25, 0.25, 0.75, 0.75]), np.array([0, 1, 1, 1]))
    0.25
    """
    groups = reliability(probabilities, labels, n_bins=n_bins)
    n = int(groups.n.sum())
    return float(np.abs(groups.predicted - groups.observed) @ groups.n) / n if n else math.nan


def brier_score(probabilities: FloatArray, labels: FloatArray) -> float:
    """Compute the mean squared gap between probability and label, 0 is perfect;
    NaN where no film was read. Source: Brier, 1950.

    >>> brier_score(np.array([0.5, 1.0]), np.array([0, 1]))
    0.125
    """
    labels = checked_labels(labels)
    read = ~np.isnan(labels)
    gap = np.asarray(probabilities, dtype=np.float64)[read] - labels[read]
    return float(gap @ gap) / gap.size if gap.size else math.nan


def perfect_calibration_error(
    probabilities: FloatArray, labels: FloatArray, rng: np.random.Generator, *, n_bins: int = 10, n_draws: int = 200
) -> float:
    """Compute the ECE that 95 % of perfectly calibrated models stay under on films like these; NaN where no film was
    read.

    Labels of the read films are drawn from the probabilities themselves, again and again: an ECE below this is no
    sign of bad calibration. It is never 0, and is large where films are few.
    Source: consistency resampling, Broecker and Smith, Weather and Forecasting 2007.
    """
    p = np.asarray(probabilities, dtype=np.float64)[~np.isnan(checked_labels(labels))]
    if not p.size:
        return math.nan
    draws = max(20, min(n_draws, _MOST_DRAWN // p.size))
    errors = [
        expected_calibration_error(p, (rng.random(p.size) < p).astype(np.float64), n_bins=n_bins) for _ in range(draws)
    ]
    return float(np.quantile(errors, 0.95))


@dataclass(frozen=True)
class Calibrator:
    """probability = 1 / (1 + exp(-(slope * logit + offset))), or the score itself where slope is NaN.

    takes_probabilities : whether scores are probabilities, whose logit is taken first (clipped at 1e-7 from 0 and 1);
        else the score stands for the logit.
    words : where the probabilities come from, one clause.
    """

    slope: float
    offset: float
    words: str
    takes_probabilities: bool = False

    def probabilities(self, scores: FloatArray) -> FloatArray:
        """Give the probabilities (n,) in [0, 1] of scores (n,)."""
        scores = np.asarray(scores, dtype=np.float64)
        if math.isnan(self.slope):
            return scores
        return sigmoid(self.slope * (logit(scores) if self.takes_probabilities else scores) + self.offset)


def sigmoid(logits: FloatArray) -> FloatArray:
    """Compute 1 / (1 + exp(-x)), without overflow.

    >>> sigmoid(np.array([0.0, 1000.0])).tolist()
    [0.5, 1.0]
    """
    return 1 / (1 + np.exp(-np.clip(logits, -_LARGEST, _LARGEST)))


def logit(probabilities: FloatArray) -> FloatArray:
    """Compute log(p / (1 - p)) of probabilities (n,), clipped at 1e-7 from 0 and 1."""
    p = np.clip(np.asarray(probabilities, dtype=np.float64), _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    return np.log(p / (1 - p))


def as_they_are(kind: str) -> Calibrator | None:
    """Give the probabilities of a score kind that has its own; None for margins and similarities, which have none."""
    if kind == "probability":
        return Calibrator(math.nan, 0.0, "the model's own")
    return Calibrator(1.0, 0.0, "sigmoid of the logit") if kind == "logit" else None


def platt(scores: FloatArray, labels: FloatArray) -> Calibrator | None:
    """Fit a logistic curve on val scores (n,) and labels (n,); None below 5 positives or negatives.

    Source: Platt, 1999, with his targets, so that separable scores keep a finite slope.
    """
    x, y = _read(scores, labels)
    n_positive = int(y.sum())
    if min(n_positive, y.size - n_positive) < MIN_POSITIVES:
        return None
    target = np.where(y == 1, (n_positive + 1) / (n_positive + 2), 1 / (y.size - n_positive + 2))
    middle, spread = float(x.mean()), float(x.std()) or 1.0
    columns = np.column_stack([(x - middle) / spread, np.ones(x.size)])
    slope, offset = _logistic_fit(columns, target)
    return Calibrator(slope / spread, offset - slope * middle / spread, "Platt's curve, fitted on validation")


def temperature(scores: FloatArray, labels: FloatArray) -> Calibrator | None:
    """Fit the one temperature that divides logits (n,), on val; None below 5 positives or negatives.

    Source: Guo et al., ICML 2017.
    """
    x, y = _read(scores, labels)
    if min(int(y.sum()), int(y.size - y.sum())) < MIN_POSITIVES:
        return None
    spread = float(np.sqrt(np.mean(x * x))) or 1.0
    (slope,) = _logistic_fit((x / spread)[:, None], y)
    return Calibrator(slope / spread, 0.0, "the logit over a temperature, fitted on validation")


CALIBRATIONS: Final[Mapping[str, Callable[[FloatArray, FloatArray], Calibrator | None]]] = {
    "platt": platt,
    "temperature": temperature,
}
"""How logits may be made into probabilities on val. To add a way, write its function and a line here."""


def fit_calibrator(name: str, kind: str, scores: FloatArray, labels: FloatArray) -> Calibrator | None:
    """Fit one of CALIBRATIONS on val scores (n,) of a kind, and labels (n,) of {0, 1, NaN}.

    kind : similarity, margin, logit or probability; probabilities go through their logit. None where fewer than 5
    positives or negatives were read, and for a temperature of similarities: they have no zero to scale from.
    Raises KeyError for a name that is not one of CALIBRATIONS.
    """
    fit = CALIBRATIONS[name]
    if name == "temperature" and kind == "similarity":
        return None
    is_probability = kind == "probability"
    fitted = fit(logit(scores) if is_probability else scores, labels)
    return fitted and replace(fitted, takes_probabilities=is_probability)


def _read(scores: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    labels = checked_labels(labels)
    read = ~np.isnan(labels)
    return np.asarray(scores, dtype=np.float64)[read], labels[read]


def _logistic_fit(columns: FloatArray, target: FloatArray) -> FloatArray:
    """Coefficients (m,) of highest likelihood for targets (n,) in [0, 1], by damped Newton steps."""
    coefficients = np.zeros(columns.shape[1])
    loss = _loss(columns @ coefficients, target)
    for _ in range(_NEWTON_STEPS):
        p = sigmoid(columns @ coefficients)
        gradient = columns.T @ (p - target)
        curvature = (columns * (p * (1 - p))[:, None]).T @ columns + 1e-9 * np.eye(columns.shape[1])
        step = np.linalg.solve(curvature, gradient)
        while (new := _loss(columns @ (coefficients - step), target)) > loss and np.abs(step).max() > 1e-12:
            step = step / 2
        coefficients, gain, loss = coefficients - step, loss - new, new
        if gain < 1e-12 * max(loss, 1.0):
            break
    return coefficients


def _loss(logits: FloatArray, target: FloatArray) -> float:
    return float((np.logaddexp(0, logits) - target * logits).sum())
