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
from core.thresholds import objectives
from core.thresholds.objectives import Steps
from core.thresholds.shared_cuts import best_macro_f1_cut, just_above

FLAT_WITHIN: Final = 0.02
"""How much of its objective a threshold may lose and still lie on the flat top."""

PER_CLASS: Final = "per-class"

Objective = Callable[[Steps, float], FloatArray]
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
class ClassFit:
    """How one class's threshold came out. Undefined is NaN.

    threshold : None where none could be fitted.
    value : what the policy's objective reached.
    flat_low, flat_high : ends of the thresholds around it at which the objective stays within 0.02 of that.
    flat_share : of the films, those whose score lies between these ends, 0..1; a large one is a flat optimum.
    """

    threshold: float | None
    n_positive: int
    n_negative: int
    unit: str
    value: float = math.nan
    flat_low: float = math.nan
    flat_high: float = math.nan
    flat_share: float = math.nan

    def words(self) -> str:
        """Say in one sentence: how high, on how many positives, how flat."""
        stands = f"{self.n_positive} positive{'' if self.n_positive == 1 else 's'}"
        negatives = f"{self.n_negative} negative{'' if self.n_negative == 1 else 's'}"
        if self.threshold is None:
            missing = "positive" if not self.n_positive else "negative" if not self.n_negative else ""
            why = f"there is no {missing} to fit on" if missing else "it cannot be met"
            return f"No threshold: {why} ({stands}, {negatives})."
        if math.isnan(self.value):
            return f"The same for every class ({stands})."
        return (
            f"{self.unit} {self.value:.2f} on {stands} and {negatives}; within {FLAT_WITHIN:g} of that from "
            f"{self.flat_low:.3g} to {self.flat_high:.3g} ({100 * self.flat_share:.0f} % of the films)."
        )


@dataclass(frozen=True)
class Policy:
    """A way to choose thresholds.

    unit : what the objective is called.
    objective : of one class, at every step; None where classes are not fitted one by one.
    shared_cut : one threshold for all classes, from their counts; None where these tell nothing.
    fixed_cut : one threshold for all classes from the middle of the score kind alone: no film is looked at.
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
    rule_name: str = PER_CLASS
    offers_none: bool = False

    @property
    def is_film_wise(self) -> bool:
        """Tell whether it decides within each film instead of by one threshold per class."""
        return self.rule_name != PER_CLASS

    @property
    def needs_films(self) -> bool:
        """Tell whether its thresholds come from films; otherwise they are a fixed rule, the same whatever the films."""
        return self.objective is not None or self.shared_cut is not None

    def checked(self, parameter: float | None) -> float:
        """Check the parameter, or its default; NaN where the policy takes none. CoreError where it is out of range."""
        if self.parameter is None:
            if parameter is not None:
                raise CoreError(f"The policy {self.name} takes no parameter.", remedy="Leave it out.")
            return math.nan
        value = self.parameter.default if parameter is None else float(parameter)
        if not self.parameter.takes(value):
            raise CoreError(
                f"The {self.parameter.name} of {self.name} is {value:g}; expected {self.parameter.range_words}.",
                remedy=f"Choose {self.parameter.range_words}.",
            )
        return value

    def best_steps(self, steps: Steps, parameter: float) -> tuple[IntArray, FloatArray]:
        """Find the chosen step (...) of each leading axis, -1 where none can be, and the objective (..., k + 1).

        Without positives or without negatives there is none: any objective is then as good as it can be for a threshold
        that tells nothing apart.
        """
        assert self.objective is not None
        values = self.objective(steps, 1.0 if math.isnan(parameter) else parameter)
        values = np.where(np.isnan(values) | (steps.n_positive == 0) | (steps.n_negative == 0), -np.inf, values)
        if not self.offers_none:
            values[..., -1] = -np.inf
        best = values.shape[-1] - 1 - np.argmax(values[..., ::-1], axis=-1)
        return np.where(np.isfinite(values.max(axis=-1)), best, -1), values

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
        self, counts: Sequence[ThresholdCounts], parameter: float | None = None, middle: float = 0.0
    ) -> tuple[ClassFit, ...]:
        """Make one fit per class.

        middle : of the score kind, for a fixed cut.
        """
        if self.objective is not None:
            return tuple(self.fit_class(count, parameter) for count in counts)
        cut = self.cut(middle) if self.shared_cut is None else self.shared_cut(counts)
        return tuple(ClassFit(cut, count.n_positive, count.n_negative, self.unit) for count in counts)


def _flat_top(values: FloatArray, step: int) -> tuple[int, int]:
    """The first and last of the steps around one at which the objective stays within FLAT_WITHIN of it."""
    low = values < values[step] - FLAT_WITHIN
    below, above = np.flatnonzero(low[:step]), np.flatnonzero(low[step:])
    return (int(below[-1]) + 1 if below.size else 0), (step + int(above[0]) - 1 if above.size else values.size - 1)


_BETA = "how many times as much recall counts as precision"
_TOP = "how many classes of each film are called positive"

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
        "fixed-sensitivity", "A fixed sensitivity", "specificity", objectives.specificity_at_sensitivity,
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
)  # fmt: skip
"""How thresholds may be chosen. To add a policy, write its objective (or a cut that all classes share, or a fixed one)
and a line here."""


def policy_named(name: str) -> Policy:
    """Find the policy of a name; CoreError where there is none.

    >>> policy_named("max-f1").title
    'Highest F1'
    """
    return find_by_name(POLICIES, name, "threshold policy")
