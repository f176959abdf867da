"""How thresholds may be chosen: a registry of one line each, and what choosing gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.errors import CoreError
from core.metrics.arrays import FloatArray, IntArray
from core.metrics.threshold_counts import ThresholdCounts
from core.registries import find_by_name
from core.thresholds import objectives, promise_rules, promises
from core.thresholds.class_fit import FLAT_WITHIN, ClassFit
from core.thresholds.class_scores import FilmScores
from core.thresholds.objectives import Objective, Steps, best_steps
from core.thresholds.promise_rules import ExpectedLoss, PromiseRule
from core.thresholds.shared_cuts import best_macro_f1_cut, just_above

PER_CLASS: Final = "per-class"

SharedCut = Callable[[Sequence[ThresholdCounts]], float | None]
FixedCut = Callable[[float], float]


@dataclass(frozen=True)
class Parameter:
    """The number that a policy takes.

    words : what it is, to stand beside a field.
    is_whole : only whole numbers.
    """

    name: str
    default: float
    low: float
    high: float
    words: str
    is_whole: bool = False

    def takes(self, value: float) -> bool:
        """Tell whether a number is within its range."""
        return self.low <= value <= self.high and (not self.is_whole or value == int(value))

    @property
    def range_words(self) -> str:
        """Say what it takes, to stand after "expected"."""
        return f"a {'whole ' if self.is_whole else ''}number between {self.low:g} and {self.high:g}"


@dataclass(frozen=True)
class Policy:
    """A way to choose thresholds.

    unit : what the objective is called.
    objective : of one class, at every step; None where classes are not fitted one by one.
    shared_cut : one threshold for all classes, from their counts; None where these tell nothing.
    fixed_cut : one threshold for all classes from the middle of the score kind alone: no film is looked at.
    promise : one cut a class, two with a grey zone between them, or none and why, from films with each patient
        counted once, the parameter and the confidence.
    confidence : that a promise is kept; None where the policy has none.
    expected : of a promise that holds in expectation: the mean that it keeps low, from labels, decisions and patients.
    rule_name : see core.thresholds.rules; film-wise rules have no threshold per class.
    offers_none : whether to predict nothing may be best. Otherwise steps that take no film are not offered. Of equally
        good steps the one with the fewest predictions is taken, so that the choice is reproducible.
    """

    name: str
    title: str
    unit: str
    objective: Objective | None = None
    parameter: Parameter | None = None
    shared_cut: SharedCut | None = None
    fixed_cut: FixedCut | None = None
    promise: PromiseRule | None = None
    confidence: Parameter | None = None
    expected: ExpectedLoss | None = None
    rule_name: str = PER_CLASS
    offers_none: bool = False

    @property
    def is_film_wise(self) -> bool:
        """Tell whether it decides within each film instead of by one threshold per class."""
        return self.rule_name != PER_CLASS

    @property
    def needs_films(self) -> bool:
        """Tell whether its thresholds come from films; otherwise they are a fixed rule, the same whatever the films."""
        return self.objective is not None or self.shared_cut is not None or self.promise is not None

    def checked(self, parameter: float | None) -> float:
        """Check the parameter, or its default; NaN where the policy takes none. CoreError where it is out of range."""
        return self._checked(self.parameter, parameter, "parameter")

    def checked_confidence(self, confidence: float | None) -> float:
        """Check the confidence, or its default; NaN where the policy has none. CoreError where it is out of range."""
        return self._checked(self.confidence, confidence, "confidence")

    def _checked(self, asked: Parameter | None, number: float | None, what: str) -> float:
        if asked is None:
            if number is not None:
                raise CoreError(f"The policy {self.name} takes no {what}.", remedy="Leave it out.")
            return math.nan
        value = asked.default if number is None else float(number)
        if not asked.takes(value):
            raise CoreError(
                f"The {asked.name} of {self.name} is {value:g}; expected {asked.range_words}.",
                remedy=f"Choose {asked.range_words}.",
            )
        return value

    def best_steps(self, steps: Steps, parameter: float) -> tuple[IntArray, FloatArray]:
        """Find the chosen step (...) of each leading axis, -1 where none can be, and the objective (..., k + 1).

        Without positives or without negatives there is none: any objective is then as good as it can be for a threshold
        that tells nothing apart.
        """
        assert self.objective is not None
        return best_steps(self.objective, steps, parameter, offers_none=self.offers_none)

    def fit_class(self, counts: ThresholdCounts, parameter: float | None = None) -> ClassFit:
        """Fit the threshold of one class, for policies with an objective; none without a positive and a negative."""
        if not counts.n_positive or not counts.n_negative:
            return ClassFit(None, counts.n_positive, counts.n_negative, self.unit)
        best, values = self.best_steps(Steps.of(counts), self.checked(parameter))
        step = int(best)
        if step < 0:
            return ClassFit(None, counts.n_positive, counts.n_negative, self.unit)
        low, high = _flat_top(values, step)
        taken = counts.true_positives + counts.false_positives
        return ClassFit(
            threshold=counts.threshold(step),
            n_positive=counts.n_positive,
            n_negative=counts.n_negative,
            unit=self.unit,
            value=float(values[step]),
            flat_low=counts.threshold(low),
            flat_high=counts.threshold(high),
            flat_share=float(taken[low] - taken[high]) / float(taken[0]),
        )

    def fit(self, counts: ThresholdCounts, parameter: float | None = None) -> float | None:
        """Fit the threshold of a class; None where none can be fitted (see `fit_class`)."""
        return self.fit_class(counts, parameter).threshold

    def cut(self, middle: float) -> float | None:
        """Give the threshold of a fixed rule, the same for every class; None where it has none (film-wise rules)."""
        return None if self.fixed_cut is None else self.fixed_cut(middle)

    def fit_classes(
        self, films: FilmScores, parameter: float | None = None, confidence: float | None = None, middle: float = 0.0
    ) -> tuple[ClassFit, ...]:
        """Make one fit per class.

        middle : of the score kind, for a fixed cut.
        """
        if self.promise is not None:
            return self.promise(films, self.checked(parameter), self.checked_confidence(confidence))
        if self.objective is not None:
            return tuple(self.fit_class(count, parameter) for count in films.counts)
        cut = self.cut(middle) if self.shared_cut is None else self.shared_cut(films.counts)
        return tuple(ClassFit(cut, count.n_positive, count.n_negative, self.unit) for count in films.counts)


def _flat_top(values: FloatArray, step: int) -> tuple[int, int]:
    """The first and last of the steps around one at which the objective stays within FLAT_WITHIN of it."""
    low = values < values[step] - FLAT_WITHIN
    below, above = np.flatnonzero(low[:step]), np.flatnonzero(low[step:])
    return (int(below[-1]) + 1 if below.size else 0), (step + int(above[0]) - 1 if above.size else values.size - 1)


_BETA = "how many times as much recall counts as precision"
_TOP = "how many classes of each film are called positive"
_SENSITIVITY = Parameter("sensitivity", 0.9, 0.01, 0.999, "share of the positives to be found at least")
_SPECIFICITY = Parameter("specificity", 0.9, 0.01, 0.999, "share of the negatives to be left alone at least")
_PRECISION = Parameter("precision", 0.5, 0.01, 0.999, "share of the predictions to be right at least")
_NPV = Parameter("npv", 0.9, 0.01, 0.999, "share of what is not predicted to be negative at least")
_ALARMS = Parameter("per 100", 10.0, 0.01, 99.0, "false alarms among 100 films at most")
_BOTH = Parameter("share", 0.9, 0.01, 0.999, "share of the positives found, and of the negatives left alone, at least")
_MISSED = Parameter("per film", 0.25, 0.001, 1000.0, "missed findings of a film at most, in expectation")
_SURE = Parameter("confidence", 0.95, 0.5, 0.9999, "how sure it is to be that the promise is kept")

POLICIES: Final[tuple[Policy, ...]] = (
    Policy("max-f1", "Highest F1", "F1", objectives.f_beta),
    Policy("max-fbeta", "Highest F-beta", "F-beta", objectives.f_beta, Parameter("beta", 2.0, 0.1, 10.0, _BETA)),
    Policy(
        "smoothed-fbeta", "Highest F-beta of smoothed scores, for rare classes", "smoothed F-beta",
        objectives.smoothed_f_beta, Parameter("beta", 1.0, 0.1, 10.0, _BETA),
    ),
    Policy("max-mcc", "Highest Matthews correlation", "MCC", objectives.mcc),
    Policy("youden", "Highest sensitivity + specificity (Youden's J)", "J", objectives.youden),
    Policy(
        "fixed-sensitivity", "At least a given sensitivity", "specificity", objectives.specificity_at_sensitivity,
        Parameter("sensitivity", 0.8, 0.0, 1.0, "share of the positives to be found at least"),
    ),
    Policy(
        "fixed-specificity", "A fixed specificity", "sensitivity", objectives.sensitivity_at_specificity,
        Parameter("specificity", 0.9, 0.0, 1.0, "share of the negatives to be left alone at least"),
    ),
    Policy(
        "fixed-precision", "A fixed precision", "sensitivity", objectives.sensitivity_at_precision,
        Parameter("precision", 0.5, 0.0, 1.0, "share of the predictions to be right at least"),
    ),
    Policy(
        "cost-ratio", "Lowest cost, one miss being worth some false alarms", "cost saved", objectives.cost_saved,
        Parameter("ratio", 5.0, 0.01, 1000.0, "how many false alarms one miss costs"), offers_none=True,
    ),
    Policy(
        "net-benefit", "Highest net benefit at a threshold probability", "net benefit / prevalence",
        objectives.net_benefit,
        Parameter("probability", 0.2, 0.001, 0.999, "probability from which one would act"), offers_none=True,
    ),
    Policy("prevalence-match", "As many predictions as positives", "match", objectives.prevalence_match),
    Policy("global-cut", "One cut for all classes, highest macro F1", "macro F1", shared_cut=best_macro_f1_cut),
    Policy("paper-cut", "The paper's per-class rule: above the middle of the scale", "", fixed_cut=just_above),
    Policy("paper-row-min-max", "The paper's overall rule: each film scaled to 0..1, cut at 0.5", "",
           rule_name="row-min-max"),
    Policy("top-k", "The highest classes of each film", "", rule_name="top-k",
           parameter=Parameter("k", 1.0, 1.0, 1000.0, _TOP, is_whole=True)),
    Policy("promised-sensitivity", "A promised sensitivity", "sensitivity", parameter=_SENSITIVITY, confidence=_SURE,
           promise=promise_rules.each(promises.SENSITIVITY)),
    Policy("promised-specificity", "A promised specificity", "specificity", parameter=_SPECIFICITY, confidence=_SURE,
           promise=promise_rules.each(promises.SPECIFICITY)),
    Policy("promised-precision", "A promised precision", "precision", parameter=_PRECISION, confidence=_SURE,
           promise=promise_rules.each(promises.PRECISION)),
    Policy("promised-npv", "A promised negative predictive value", "NPV", parameter=_NPV, confidence=_SURE,
           promise=promise_rules.each(promises.NPV)),
    Policy("promised-false-alarms", "False alarms among 100 films, promised", "per 100", parameter=_ALARMS,
           confidence=_SURE, promise=promise_rules.each(promises.FALSE_ALARMS)),
    Policy("promised-sensitivity-all", "A sensitivity promised of all classes at once", "sensitivity",
           parameter=_SENSITIVITY, confidence=_SURE, promise=promise_rules.all_at_once(promises.SENSITIVITY)),
    Policy("promised-specificity-all", "A specificity promised of all classes at once", "specificity",
           parameter=_SPECIFICITY, confidence=_SURE, promise=promise_rules.all_at_once(promises.SPECIFICITY)),
    Policy("promised-precision-all", "A precision promised of all classes at once", "precision",
           parameter=_PRECISION, confidence=_SURE, promise=promise_rules.all_at_once(promises.PRECISION)),
    Policy("promised-npv-all", "A negative predictive value promised of all classes at once", "NPV",
           parameter=_NPV, confidence=_SURE, promise=promise_rules.all_at_once(promises.NPV)),
    Policy("promised-false-alarms-all", "False alarms among 100 films, promised of all classes at once", "per 100",
           parameter=_ALARMS, confidence=_SURE, promise=promise_rules.all_at_once(promises.FALSE_ALARMS)),
    Policy("promised-sensitivity-one-cut", "A sensitivity promised of all classes, by one cut", "sensitivity",
           parameter=_SENSITIVITY, confidence=_SURE, promise=promise_rules.one_cut_sensitivity),
    Policy("missed-findings", "Missed findings of a film, low in expectation, by one cut", "missed findings",
           parameter=_MISSED, promise=promise_rules.missed_findings, expected=promise_rules.missed_per_film),
    Policy("rule-out-rule-in", "Rule out and rule in, a reader looks between", "sensitivity, specificity",
           parameter=_BOTH, confidence=_SURE, promise=promise_rules.rule_out_rule_in),
)  # fmt: skip
"""How thresholds may be chosen. To add a policy, write its objective (or a cut that all classes share, or a fixed one,
or a promise) and a line here."""


def policy_named(name: str) -> Policy:
    """Find the policy of a name; CoreError where there is none.

    >>> policy_named("max-f1").title
    'Highest F1'
    """
    return find_by_name(POLICIES, name, "threshold policy")
