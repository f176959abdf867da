"""Threshold sets: one threshold a class, fitted on val, with where they come from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.errors import StudyError
from core.metrics.arrays import FloatArray
from core.metrics.decision_rules import PerClassThresholds
from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.policies import POLICIES, Policy, policy_named

if TYPE_CHECKING:
    from core.study import Study

__all__ = [
    "NATURAL_CUTS",
    "POLICIES",
    "Policy",
    "ThresholdCounts",
    "ThresholdSet",
    "count_thresholds",
    "fit_thresholds",
    "policy_named",
]

NATURAL_CUTS: Final[Mapping[str, float]] = {"probability": 0.5, "logit": 0.0, "margin": 0.0}
"""Where a kind of score has a middle of its own; a similarity has none."""


@dataclass(frozen=True)
class ThresholdSet:
    """One threshold a class, and where they come from.

    values : by class, in the study's order; a film is positive where its score is at least this. None = the class
        has no threshold and is never predicted.
    policy : name of the policy, "natural-cut" for the middle of the score kind, "none" where there is no threshold.
    split : the films on which it was fitted; None where nothing was fitted.
    n_positive : positives on those films, by class; empty where nothing was fitted.
    basis : one sentence: where the thresholds come from.
    is_exploratory : fitted on films that may be the ones it is read on.
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

    @property
    def is_defined(self) -> bool:
        """Whether any class has a threshold; where none has, nothing can be decided."""
        return any(value is not None for value in self.values.values())

    @property
    def unfitted(self) -> tuple[str, ...]:
        """Classes without a threshold."""
        return tuple(finding for finding, value in self.values.items() if value is None)

    def array(self) -> FloatArray:
        """(n_classes,) float64, NaN for a class without a threshold."""
        return np.array([math.nan if value is None else value for value in self.values.values()], dtype=np.float64)

    def rule(self) -> PerClassThresholds:
        """The set as a decision rule over (n_films, n_classes) scores in the study's class order."""
        return PerClassThresholds(self.array())

    def to_json(self) -> dict[str, Any]:
        """The set as JSON values."""
        fields = ("study", "fingerprint", "setting", "score_kind", "policy", "split", "is_exploratory", "basis")
        provenance = {name: getattr(self, name) for name in fields}
        return {**provenance, "n_positive": dict(self.n_positive), "values": dict(self.values)}


def count_thresholds(study: Study, setting: str, split: str) -> dict[str, ThresholdCounts]:
    """The counts of every class of a setting over the films of a split."""
    rows = study.rows(split)
    labels, scores = study.labels[rows], study.scores(setting)[rows]
    return {
        finding: ThresholdCounts.from_scores(finding, labels[:, index], scores[:, index])
        for index, finding in enumerate(study.classes)
    }


def fit_thresholds(study: Study, setting: str, policy: str = "max-f1", *, exploratory: bool = False) -> ThresholdSet:
    """Thresholds of one setting, fitted on val.

    Without val films nothing is fitted: the middle of the score kind serves (0.5 of a probability, 0 of a logit or
    a margin); a similarity has none, and the set holds no threshold. Only with `exploratory` are thresholds then
    fitted on all films, which flatters every figure read on them.
    Raises StudyError for a setting that the study lacks, CoreError for a policy that does not exist.
    """
    chosen = policy_named(policy)
    if setting not in study.settings:
        raise StudyError(
            f"{study.root}: there is no setting {setting!r}.",
            remedy=f"Choose one of {', '.join(study.settings) or '(the study has none)'}.",
        )
    split = "val" if len(study.rows("val")) else "all" if exploratory else None
    if split is None:
        return _natural_cuts(study, setting)
    counts = count_thresholds(study, setting, split)
    return ThresholdSet(
        values={finding: chosen.fit(count) for finding, count in counts.items()},
        policy=chosen.name,
        split=split,
        score_kind=study.manifest.settings[setting].score_kind,
        setting=setting,
        study=study.name,
        fingerprint=study.fingerprint,
        n_positive={finding: count.n_positive for finding, count in counts.items()},
        basis=_fitted_basis(study, setting, chosen, split),
        is_exploratory=split != "val",
    )


def _fitted_basis(study: Study, setting: str, policy: Policy, split: str) -> str:
    n_films = len(study.rows(split))
    if split == "val":
        return f"{setting}: thresholds ({policy.name}) were fitted on the {n_films} val films."
    return (
        f"{setting}: exploratory: thresholds ({policy.name}) were fitted on all {n_films} films, because there is no "
        "val split, so every figure that rests on them is optimistic."
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
    return ThresholdSet(
        values=dict.fromkeys(study.classes, cut),
        policy=policy,
        split=None,
        score_kind=kind,
        setting=setting,
        study=study.name,
        fingerprint=study.fingerprint,
        n_positive={},
        basis=basis,
    )
