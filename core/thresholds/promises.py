"""What may be promised of one class's cut: a share of patients, and how sure it is that it holds of other patients.

Every promise says that at most a share of patients fails it, each patient counted once (`ClassScores`). Sensitivity,
specificity and false alarms only rise or fall as the cut moves, so that an order statistic bounds them exactly: the
cut leaves as many failures as Clopper and Pearson allow (Biometrika 1934; Wilks, Annals of Mathematical Statistics
1941). Precision and negative predictive value go up and down; there a few cuts, set beforehand by how many patients
lie above them, are tested at once (Bonferroni; "Learn then Test", Angelopoulos et al., 2025). Among the m patients
above the cut that leaves m, the failures are binomial whatever the scores below are: the cut follows from these alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.exact_binomial import binomial_tail, fewest_trials, most_failures
from core.metrics.risk_control import learn_then_test
from core.registries import find_by_name
from core.thresholds import objectives
from core.thresholds.class_scores import ClassScores
from core.thresholds.objectives import Objective

_RATIO: Final = 1.2
"""Of the patients above one tested cut to those above the next."""
_POWER: Final = 1.1
_MOST_POWERS: Final = 97
"""How many times the films a promise would take is said in powers of it, up to some 10,000 times."""
_MOST_CUTS: Final = 200
"""That are tried for it."""


@dataclass(frozen=True)
class Promise:
    """One figure that may be promised.

    template : the promise in words, with a place for its level.
    is_ceiling : the level is the most failures among 100; otherwise the least share without failure.
    stands_on : which patients it takes.
    trials : how many of them there are before any score is looked at.
    counted : failures and patients at a threshold.
    cut : the boldest threshold of which it can be promised that at most a share fails, but for a risk; None = none.
    plain : what a rule without confidence makes as large as possible, at the same level.
    is_monotone : failures only rise or fall as the cut moves, so that how often it is kept is known exactly.
    """

    name: str
    title: str
    template: str
    stands_on: str
    trials: Callable[[ClassScores], int]
    counted: Callable[[ClassScores, float], tuple[int, int]]
    cut: Callable[[ClassScores, float, float], float | None]
    plain: Objective
    is_monotone: bool = True
    is_ceiling: bool = False

    def allowed(self, level: float) -> float:
        """Give the share of patients 0..1 that may fail."""
        return level / 100 if self.is_ceiling else 1 - level

    def value(self, failures: float, n: float) -> float:
        """Give the figure in the unit of the level; NaN without patients."""
        if not n:
            return math.nan
        return 100 * failures / n if self.is_ceiling else 1 - failures / n

    def said(self, level: float) -> str:
        """Say the promise, with its level."""
        return self.template.format(f"{level:g}")

    def needed(self, scores: ClassScores, level: float, risk: float) -> int | None:
        """Count how many patients it would take where there is no cut; None where more would not help.

        Of figures that go up and down about so many, if the shares stay as they are.
        """
        if self.is_monotone:
            return fewest_trials(self.allowed(level), risk)
        if not scores.n_positive:
            return None
        times = _times_needed(*_SIDES[self.name](scores), self.allowed(level), risk)
        return None if times is None else math.ceil(times * scores.n_positive)


def _highest_cut_that_finds(scores: ClassScores, allowed: float, risk: float) -> float | None:
    own = np.sort(scores.lowest_positive)[: scores.n_positive]
    k = most_failures(own.size, allowed, risk)
    return None if k < 0 else scores.counts.threshold(scores.counts.step(float(own[k])))


def _lowest_quiet_cut(own: FloatArray, scores: ClassScores, allowed: float, risk: float) -> float | None:
    """Of `own`, each patient's highest negative score, at most a share lies at the cut or above."""
    k = most_failures(own.size, allowed, risk)
    if k < 0:
        return None
    highest = np.sort(own)[::-1][k]
    return scores.counts.threshold(int(np.searchsorted(scores.counts.scores, highest, side="right")))


def _cut_for_specificity(scores: ClassScores, allowed: float, risk: float) -> float | None:
    own = scores.highest_negative[np.isfinite(scores.highest_negative)]
    return _lowest_quiet_cut(own, scores, allowed, risk)


def _cut_for_false_alarms(scores: ClassScores, allowed: float, risk: float) -> float | None:
    return _lowest_quiet_cut(scores.highest_negative, scores, allowed, risk)


def _cut_for_precision(scores: ClassScores, allowed: float, risk: float) -> float | None:
    below = _boldest_settled(*_called(scores), allowed, risk)
    return None if below is None else math.nextafter(below, math.inf)


def _cut_for_npv(scores: ClassScores, allowed: float, risk: float) -> float | None:
    below = _boldest_settled(*_cleared(scores), allowed, risk)
    return None if below is None else -below


def _called(scores: ClassScores) -> tuple[FloatArray, FloatArray]:
    """(n_patients,) two scores: above a cut, the first calls a patient, the second makes the call a wrong one."""
    return scores.highest, scores.highest_negative


def _cleared(scores: ClassScores) -> tuple[FloatArray, FloatArray]:
    """The same of patients with a film that is not called, upside down; wrong where that film is positive."""
    return -scores.lowest, -scores.lowest_positive


_SIDES: Final = {"precision": _called, "npv": _cleared}


def _boldest_settled(settling: FloatArray, failing: FloatArray, allowed: float, risk: float) -> float | None:
    """The score above which most patients are settled, as can be promised; None = nowhere."""
    ranks = _ranks(settling.size - 1, allowed, risk)
    below = np.sort(settling)[settling.size - 1 - ranks]
    p_values = binomial_tail(*_above(settling, failing, below), allowed)
    shown = learn_then_test(p_values, risk, "bonferroni")
    return float(below[shown[0]]) if shown.size else None


def _above(settling: FloatArray, failing: FloatArray, below: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Failures and patients above each of some scores."""
    failures, n = (one.size - np.searchsorted(np.sort(one), below, side="right") for one in (failing, settling))
    return failures.astype(np.float64), n.astype(np.float64)


def _ranks(most: int, allowed: float, risk: float) -> IntArray:
    """How many patients lie above each tested cut, falling; only where none failing would be enough."""
    n_steps = math.ceil(math.log(max(most, 1), _RATIO)) + 1
    every = np.unique(np.floor(most / _RATIO ** np.arange(n_steps)).astype(np.intp))
    every = every[every > 0][::-1]
    enough = binomial_tail(0, every.astype(np.float64), allowed) <= risk / np.arange(1, every.size + 1)
    return every[: int(enough.sum())]


def _times_needed(settling: FloatArray, failing: FloatArray, allowed: float, risk: float) -> float | None:
    """How many times the films would show it at some cut, if the shares stay as they are; None = at none."""
    below = np.unique(settling)[:-1]
    below = below[np.linspace(0, below.size - 1, min(below.size, _MOST_CUTS)).astype(np.intp)]
    failures, n = _above(settling, failing, below)
    better = failures < allowed * n
    failures, n = failures[better], n[better]
    low, high = -1, _MOST_POWERS
    while failures.size and high - low > 1:
        middle = (low + high) // 2
        times = _POWER**middle
        each = risk / max(1, _ranks(math.ceil(times * settling.size), allowed, risk).size)
        is_shown = bool((binomial_tail(times * failures, times * n, allowed) <= each).any())
        low, high = (low, middle) if is_shown else (middle, high)
    return _POWER**high if high < _MOST_POWERS else None


def _n_patients(scores: ClassScores) -> int:
    return scores.n_patients


def _missed(scores: ClassScores, threshold: float) -> tuple[int, int]:
    return int(np.count_nonzero(scores.lowest_positive < threshold)), scores.n_positive


def _alarmed(scores: ClassScores, threshold: float) -> tuple[int, int]:
    return int(np.count_nonzero(scores.highest_negative >= threshold)), scores.n_negative


def _alarmed_of_all(scores: ClassScores, threshold: float) -> tuple[int, int]:
    return _alarmed(scores, threshold)[0], scores.n_patients


def _wrongly_called(scores: ClassScores, threshold: float) -> tuple[int, int]:
    return _alarmed(scores, threshold)[0], int(np.count_nonzero(scores.highest >= threshold))


def _wrongly_cleared(scores: ClassScores, threshold: float) -> tuple[int, int]:
    return _missed(scores, threshold)[0], int(np.count_nonzero(scores.lowest < threshold))


_WITH_POSITIVE: Final = "patients with a positive film"

SENSITIVITY: Final = Promise(
    "sensitivity", "Sensitivity", "a sensitivity of at least {}", _WITH_POSITIVE, lambda scores: scores.n_positive,
    _missed, _highest_cut_that_finds, objectives.specificity_at_sensitivity,
)  # fmt: skip
SPECIFICITY: Final = Promise(
    "specificity", "Specificity", "a specificity of at least {}", "patients with a negative film",
    lambda scores: scores.n_negative, _alarmed, _cut_for_specificity, objectives.sensitivity_at_specificity,
)  # fmt: skip
PRECISION: Final = Promise(
    "precision", "Precision", "a precision of at least {}", _WITH_POSITIVE, _n_patients,
    _wrongly_called, _cut_for_precision, objectives.sensitivity_at_precision, is_monotone=False,
)  # fmt: skip
NPV: Final = Promise(
    "npv", "Negative predictive value", "a negative predictive value of at least {}", _WITH_POSITIVE, _n_patients,
    _wrongly_cleared, _cut_for_npv, objectives.specificity_at_npv, is_monotone=False,
)  # fmt: skip
FALSE_ALARMS: Final = Promise(
    "false-alarms", "False alarms per 100", "at most {} false alarms among 100 films", "patients with a labelled film",
    _n_patients, _alarmed_of_all, _cut_for_false_alarms, objectives.sensitivity_at_false_alarms, is_ceiling=True,
)  # fmt: skip
PROMISES: Final = (SENSITIVITY, SPECIFICITY, PRECISION, NPV, FALSE_ALARMS)


def promise_named(name: str) -> Promise:
    """Find the promise of a figure; CoreError where there is none.

    >>> promise_named("npv").said(0.95)
    'a negative predictive value of at least 0.95'
    """
    return find_by_name(PROMISES, name, "promise")
