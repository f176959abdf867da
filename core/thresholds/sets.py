"""Threshold sets: one threshold per class, or two with a grey zone between, and where they come from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.files import digest
from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.decision_rules import DecisionRule
from core.thresholds.class_fit import ClassFit
from core.thresholds.films import SplitCounts
from core.thresholds.policies import PER_CLASS
from core.thresholds.rules import RULES

if TYPE_CHECKING:
    from core.study import Study

BY_HAND: Final = "by-hand"
INTENDED_USE: Final = (
    "Research on this study alone. Not for clinical use: nobody may rely on these thresholds for a patient."
)


@dataclass(frozen=True)
class ThresholdSet:
    """One threshold per class, or two, and where they come from.

    values : by class, in the study's order; a film is positive where its score is at least this. None = the class has
        no threshold and is never predicted.
    uppers : by class, the rule-in cuts of a set with a grey zone; empty where classes have one cut. `values` are then
        the rule-out cuts: below them a film is negative, from the rule-in cut on positive, and between them a reader
        looks. Where only 0 and 1 are asked for, whatever is not ruled out is positive.
    policy : name of the policy, "natural-cut" for the middle of the score kind, "none" where there is no threshold,
        "by-hand" where a slider was moved.
    split : the films on which it was fitted, or moved by hand; None where nothing was fitted.
    n_positive : positives on those films, by class; empty where nothing was fitted.
    basis : one sentence: where the thresholds come from.
    is_exploratory : chosen by looking at films other than val, which may be the ones it is read on.
    is_frozen : False where thresholds were moved by hand and not frozen since.
    parameter : of the policy; None where it takes none.
    confidence : with which a promise was made; None where none was.
    n_films, n_patients : that it was fitted on.
    scores_fingerprint : of the films, labels and scores that it rests on; None where it was written before there was
        one, and then the whole study must be the same.
    fits : by class, how the fit came out; empty where nothing was fitted.
    model : fingerprint of the study's model, None where the study names none.
    rule_name : how values become decisions; see core.thresholds.rules.
    untrained : why there is no threshold and no decision for a class that the setting never learnt of, by class.
    """

    values: Mapping[str, float | None]
    policy: str
    split: str | None
    score_kind: str
    setting: str
    study: str
    fingerprint: str
    n_positive: Mapping[str, int]
    basis: str
    is_exploratory: bool = False
    is_frozen: bool = True
    parameter: float | None = None
    confidence: float | None = None
    n_films: int = 0
    n_patients: int = 0
    fits: Mapping[str, ClassFit] = field(default_factory=dict)
    uppers: Mapping[str, float | None] = field(default_factory=dict)
    model: str | None = None
    scores_fingerprint: str | None = None
    rule_name: str = PER_CLASS
    untrained: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_film_wise(self) -> bool:
        """Tell whether it decides within each film, so that there are no thresholds."""
        return self.rule_name != PER_CLASS

    @property
    def has_grey_zone(self) -> bool:
        """Tell whether classes have two cuts with a grey zone between."""
        return bool(self.uppers)

    @property
    def is_defined(self) -> bool:
        """Tell whether any class has a threshold; where none has, nothing can be decided."""
        return self.is_film_wise or any(value is not None for value in self.values.values())

    @property
    def unfitted(self) -> tuple[str, ...]:
        """List the classes without a threshold; none under a film-wise rule, which needs none."""
        return () if self.is_film_wise else tuple(name for name, value in self.values.items() if value is None)

    def array(self) -> FloatArray:
        """Give the thresholds as (n_classes,) float64, NaN for a class without a threshold."""
        return _as_array(self.values.values())

    def upper_array(self) -> FloatArray:
        """Give the rule-in cuts as (n_classes,) float64, the thresholds themselves where classes have one cut."""
        return _as_array(self.uppers.values()) if self.uppers else self.array()

    def rests_on(self, study: Study) -> bool:
        """Tell whether it was made from the films,
        labels and scores of this study, whatever marks and maps it holds.
        """
        if self.scores_fingerprint is None:
            return self.fingerprint == study.fingerprint
        return self.setting in study.settings and self.scores_fingerprint == study.scores_fingerprint(self.setting)

    def decided(self, scores: FloatArray) -> FloatArray:
        """Decide every film and class: (n_films, n_classes) of {0, 1, NaN} for scores of that shape.

        NaN where there is no threshold, no score, or no training of the class.
        """
        learnt = ~np.isin(list(self.values), list(self.untrained))
        scores = np.where(learnt, scores, np.nan)
        decisions = np.where(np.isnan(scores), np.nan, self.rule().decide(scores))
        return decisions if self.is_film_wise else np.where(np.isnan(self.array()), np.nan, decisions)

    def left_to_reader(self, scores: FloatArray) -> BoolArray:
        """Tell which films and classes lie in the grey zone: (n_films, n_classes), for scores of that shape."""
        exact = np.asarray(scores, dtype=np.float64)
        if not self.uppers:
            return np.zeros(exact.shape, dtype=np.bool_)
        return np.asarray((exact >= self.array()) & (exact < self.upper_array()))

    def rule(self) -> DecisionRule:
        """Give the set as a decision rule over (n_films, n_classes) scores in the study's class order."""
        return RULES[self.rule_name](self.array(), math.nan if self.parameter is None else self.parameter)

    @property
    def key(self) -> str:
        """Give 32 hex digits that stand for the whole set: what any result of it may be remembered under."""
        return digest(list(self.to_json().items()), 32, default=float)

    def of_trained(self, untrained: Mapping[str, str]) -> ThresholdSet:
        """Give the same set without thresholds and fits of the classes that its setting never learnt of."""
        values = {finding: None if finding in untrained else value for finding, value in self.values.items()}
        fits = {finding: fit for finding, fit in self.fits.items() if finding not in untrained}
        return replace(self, values=values, fits=fits, untrained=untrained)

    def with_values(
        self, values: FloatArray, films: SplitCounts, *, policy: str = BY_HAND, uppers: FloatArray | None = None
    ) -> ThresholdSet:
        """Give a set of the same setting with thresholds (n_classes,) moved while looking at some films; NaN = none.

        uppers : (n_classes,) rule-in cuts, NaN where there is no threshold; None = one cut a class.

        They are exploratory where those films are not val, or where the set that they start from is.
        """
        exploratory = films.split != "val" or self.is_exploratory
        words = "exploratory: chosen" if exploratory else "chosen"
        start = "thresholds set by hand" if self.policy == BY_HAND else self.policy
        moved = replace(
            self,
            values=dict(zip(self.values, map(none_where_nan, values), strict=True)),
            policy=policy,
            split=films.split,
            n_films=films.n_films,
            n_patients=films.n_patients,
            n_positive=dict(films.n_positive),
            basis=f"{self.setting}: thresholds {words} by hand on the {films.n_films} {films.split} films, "
            f"starting from {start}{' (exploratory)' if self.is_exploratory else ''}.",
            is_exploratory=exploratory,
            is_frozen=False,
            parameter=None,
            confidence=None,
            fits={},
            uppers={} if uppers is None else dict(zip(self.values, map(none_where_nan, uppers), strict=True)),
            rule_name=PER_CLASS,
        )
        return moved.of_trained(self.untrained)

    def chosen_while_reading(self, split: str) -> ThresholdSet:
        """Mark the thresholds as taken because of what they give on the films of a split other than val:
        exploratory.
        """
        words = f"{self.setting}: exploratory: this starting point was chosen while looking at the {split} films."
        rest = self.basis.removeprefix(f"{self.setting}: ")
        return replace(self, is_exploratory=True, basis=f"{words} {rest[:1].upper()}{rest[1:]}")

    def to_json(self) -> dict[str, Any]:
        """Give the set as JSON values; None where something is undefined or infinite."""
        provenance = {name: vars(self)[name] for name in PROVENANCE}
        by_class = {"n_positive": dict(self.n_positive), "values": dict(self.values), "uppers": dict(self.uppers)}
        fits = {finding: _with_none(asdict(fit)) for finding, fit in self.fits.items()}
        untrained = {"untrained": dict(self.untrained)} if self.untrained else {}
        return {**provenance, **by_class, "fits": fits, **untrained}


PROVENANCE: Final = (
    "study", "fingerprint", "scores_fingerprint", "model", "setting", "score_kind", "policy", "parameter", "confidence",
    "rule_name", "split", "n_films", "n_patients", "is_exploratory", "is_frozen", "basis",
)  # fmt: skip


def provenance(chosen: ThresholdSet, split: str) -> str:
    """Say how far figures of a set, read on the films of a split, may be trusted.

    "exploratory" : chosen while looking at films other than val.  "optimistic" : read on the films of the fit.
    "unfrozen" : moved by hand on val and not frozen, read on others.  "frozen" : fitted on val, or moved there and
    frozen, read on others.  "fixed" : nothing was fitted.
    """
    if chosen.is_exploratory:
        return "exploratory"
    if chosen.split is None:
        return "fixed"
    if split in (chosen.split, "all"):
        return "optimistic"
    return "frozen" if chosen.is_frozen else "unfrozen"


def none_where_nan(value: float) -> float | None:
    """Give a threshold, None where it is NaN."""
    return None if math.isnan(value) else float(value)


def _as_array(values: Iterable[float | None]) -> FloatArray:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _with_none(value: Any) -> Any:
    """JSON values, None for what is undefined or infinite, all the way down."""
    if isinstance(value, dict):
        return {name: _with_none(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_none(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def model_fingerprint(study: Study) -> str | None:
    """Give 16 hex digits that stand for what the manifest says of the model; None where it names none."""
    model = study.manifest.model
    if model is None:
        return None
    return digest(model, 16, ascii=False)
