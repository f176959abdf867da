"""Threshold sets: one threshold a class, fitted on val, with where they come from."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.errors import StudyError
from core.metrics.arrays import FloatArray
from core.metrics.decision_rules import DecisionRule
from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.policies import PER_CLASS, ClassFit, Policy, policy_named
from core.thresholds.rules import RULES

if TYPE_CHECKING:
    from core.study import Study

NATURAL_CUTS: Final[Mapping[str, float]] = {"probability": 0.5, "logit": 0.0, "margin": 0.0}
"""Where a kind of score has a middle of its own; a similarity has none."""

BY_HAND: Final = "by-hand"
INTENDED_USE: Final = (
    "Research on this study alone. Not for clinical use: nobody may rely on these thresholds for a patient."
)


@dataclass(frozen=True)
class ThresholdSet:
    """One threshold a class, and where they come from.

    values : by class, in the study's order; a film is positive where its score is at least this. None = the class
        has no threshold and is never predicted.
    policy : name of the policy, "natural-cut" for the middle of the score kind, "none" where there is no threshold,
        "by-hand" where a slider was moved.
    split : the films on which it was fitted; None where nothing was fitted.
    n_positive : positives on those films, by class; empty where nothing was fitted.
    basis : one sentence: where the thresholds come from.
    is_exploratory : fitted on films that may be the ones it is read on.
    parameter : of the policy; None where it takes none.
    n_films, n_patients : that it was fitted on.
    fits : by class, how the fit came out; empty where nothing was fitted.
    model : fingerprint of the study's model, None where the study names none.
    rule_name : how values become decisions; see core.thresholds.rules.
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
    parameter: float | None = None
    n_films: int = 0
    n_patients: int = 0
    fits: Mapping[str, ClassFit] = field(default_factory=dict)
    model: str | None = None
    rule_name: str = PER_CLASS

    @property
    def is_film_wise(self) -> bool:
        """Whether it decides within each film, so that there are no thresholds."""
        return self.rule_name != PER_CLASS

    @property
    def is_defined(self) -> bool:
        """Whether any class has a threshold; where none has, nothing can be decided."""
        return self.is_film_wise or any(value is not None for value in self.values.values())

    @property
    def unfitted(self) -> tuple[str, ...]:
        """Classes without a threshold; none under a film-wise rule, which needs none."""
        return () if self.is_film_wise else tuple(name for name, value in self.values.items() if value is None)

    def array(self) -> FloatArray:
        """(n_classes,) float64, NaN for a class without a threshold."""
        return np.array([math.nan if value is None else value for value in self.values.values()], dtype=np.float64)

    def rule(self) -> DecisionRule:
        """The set as a decision rule over (n_films, n_classes) scores in the study's class order."""
        return RULES[self.rule_name](self.array(), math.nan if self.parameter is None else self.parameter)

    def with_values(self, values: FloatArray, *, split: str, policy: str = BY_HAND) -> ThresholdSet:
        """The same setting with thresholds (n_classes,) chosen while looking at a split; NaN = none.

        Chosen on anything but val they are exploratory.
        """
        exploratory = split != "val"
        words = "exploratory: chosen" if exploratory else "chosen"
        return replace(
            self,
            values=dict(zip(self.values, (None if math.isnan(v) else float(v) for v in values), strict=True)),
            policy=policy,
            split=split,
            n_positive={},
            basis=f"{self.setting}: thresholds {words} by hand on the {split} films, starting from {self.policy}.",
            is_exploratory=exploratory,
            parameter=None,
            fits={},
            rule_name=PER_CLASS,
        )

    def to_json(self) -> dict[str, Any]:
        """The set as JSON values; None where something is undefined or infinite."""
        provenance = {name: getattr(self, name) for name in PROVENANCE}
        fits = {finding: _json_fit(fit) for finding, fit in self.fits.items()}
        return {**provenance, "n_positive": dict(self.n_positive), "values": dict(self.values), "fits": fits}


PROVENANCE: Final = (
    "study", "fingerprint", "model", "setting", "score_kind", "policy", "parameter", "rule_name", "split", "n_films",
    "n_patients", "is_exploratory", "basis",
)  # fmt: skip


def reading(chosen: ThresholdSet, split: str) -> str:
    """How far figures of a set, read on the films of a split, may be trusted.

    "exploratory" : chosen while looking at films other than val.  "optimistic" : read on the films of the fit.
    "frozen" : fitted or moved on val, read on others.  "fixed" : nothing was fitted.
    """
    if chosen.is_exploratory:
        return "exploratory"
    if chosen.split is None:
        return "fixed"
    return "optimistic" if split in (chosen.split, "all") else "frozen"


def _json_fit(fit: ClassFit) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in asdict(fit).items()
    }


def model_fingerprint(study: Study) -> str | None:
    """16 hex digits that stand for what the manifest says of the model; None where it names none."""
    model = study.manifest.model
    if model is None:
        return None
    return hashlib.sha256(json.dumps(model, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def count_thresholds(study: Study, setting: str, split: str) -> dict[str, ThresholdCounts]:
    """The counts of every class of a setting over the films of a split."""
    rows = study.rows(split)
    labels, scores = study.labels[rows], study.scores(setting)[rows]
    return {
        finding: ThresholdCounts.from_scores(finding, labels[:, index], scores[:, index])
        for index, finding in enumerate(study.classes)
    }


def fit_thresholds(
    study: Study,
    setting: str,
    policy: str = "max-f1",
    *,
    parameter: float | None = None,
    exploratory: bool = False,
) -> ThresholdSet:
    """Thresholds of one setting, fitted on val.

    parameter : of the policy; None = its default.
    Without val films nothing is fitted: the middle of the score kind serves (0.5 of a probability, 0 of a logit or
    a margin); a similarity has none, and the set holds no threshold. Only with `exploratory` are thresholds then
    fitted on all films, which flatters every figure read on them. Rules that need no fitting (the paper's, top-k)
    are the same with and without val films.
    Raises StudyError for a setting that the study lacks, CoreError for a policy that does not exist or a parameter
    that it does not take.
    """
    chosen = policy_named(policy)
    value = chosen.checked(parameter)
    if setting not in study.settings:
        raise StudyError(
            f"{study.root}: there is no setting {setting!r}.",
            remedy=f"Choose one of {', '.join(study.settings) or '(the study has none)'}.",
        )
    if _needs_no_fit(chosen):
        return _fixed_rule(study, setting, chosen, value)
    split = "val" if len(study.rows("val")) else "all" if exploratory else None
    return _natural_cuts(study, setting) if split is None else _fitted(study, setting, chosen, value, split)


def _needs_no_fit(policy: Policy) -> bool:
    return policy.is_film_wise or policy.name == "paper-cut"


def _fitted(study: Study, setting: str, policy: Policy, value: float, split: str) -> ThresholdSet:
    counts = count_thresholds(study, setting, split)
    parameter = None if math.isnan(value) else value
    middle = NATURAL_CUTS.get(study.manifest.settings[setting].score_kind, 0.0)
    fits = dict(zip(counts, policy.fit_classes(tuple(counts.values()), parameter, middle), strict=True))
    rows = study.rows(split)
    return replace(
        _empty(study, setting),
        values={finding: fit.threshold for finding, fit in fits.items()},
        policy=policy.name,
        split=split,
        n_positive={finding: count.n_positive for finding, count in counts.items()},
        basis=_fitted_basis(study, setting, _policy_words(policy, value), split),
        is_exploratory=split != "val",
        parameter=parameter,
        n_films=len(rows),
        n_patients=len(set(study.images["patient_id"].to_numpy()[rows])),
        fits=fits,
    )


def _policy_words(policy: Policy, value: float) -> str:
    return policy.name if policy.parameter is None else f"{policy.name}, {policy.parameter.name} {value:g}"


def _fitted_basis(study: Study, setting: str, policy: str, split: str) -> str:
    n_films = len(study.rows(split))
    if split == "val":
        return f"{setting}: thresholds ({policy}) were fitted on the {n_films} val films."
    return (
        f"{setting}: exploratory: thresholds ({policy}) were fitted on all {n_films} films, because there is no "
        "val split, so every figure that rests on them is optimistic."
    )


def _fixed_rule(study: Study, setting: str, policy: Policy, value: float) -> ThresholdSet:
    """The set of a rule that is the same whatever the films."""
    empty = _empty(study, setting)
    cut = None if policy.is_film_wise else math.nextafter(NATURAL_CUTS.get(empty.score_kind, 0.0), math.inf)
    return replace(
        empty,
        values=dict.fromkeys(study.classes, cut),
        policy=policy.name,
        basis=f"{setting}: a fixed rule ({_policy_words(policy, value)}): {policy.title[0].lower()}{policy.title[1:]}.",
        parameter=None if math.isnan(value) else value,
        rule_name=policy.rule_name,
    )


def _natural_cuts(study: Study, setting: str) -> ThresholdSet:
    """The set of a study without val films."""
    kind = study.manifest.settings[setting].score_kind
    cut = NATURAL_CUTS.get(kind)
    if cut is None:
        policy = "none"
        basis = (
            f"{setting}: no threshold, because there is no val split to fit one on and a {kind} has no cut of its own; "
            "everything that rests on decisions is undefined, and only rankings are given."
        )
    else:
        policy = "natural-cut"
        basis = f"{setting}: a {kind} is cut at {cut:g} for every class, because there is no val split to fit on."
    return replace(_empty(study, setting), values=dict.fromkeys(study.classes, cut), policy=policy, basis=basis)


def _empty(study: Study, setting: str) -> ThresholdSet:
    """A set that names its study and setting and holds no threshold."""
    return ThresholdSet(
        values=dict.fromkeys(study.classes),
        policy="none",
        split=None,
        score_kind=study.manifest.settings[setting].score_kind,
        setting=setting,
        study=study.name,
        fingerprint=study.fingerprint,
        n_positive={},
        basis="",
        model=model_fingerprint(study),
    )
