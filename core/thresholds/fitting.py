"""Thresholds fitted on val, and what serves where there is no val."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.errors import StudyError
from core.thresholds.class_fit import ClassFit
from core.thresholds.class_scores import FilmScores
from core.thresholds.films import films_of
from core.thresholds.policies import Policy, policy_named
from core.thresholds.sets import ThresholdSet, model_fingerprint

if TYPE_CHECKING:
    from core.study import Study

NATURAL_CUTS: Final[Mapping[str, float]] = {"probability": 0.5, "logit": 0.0, "margin": 0.0}
"""Where a kind of score has a middle of its own; a similarity has none."""

_GREY_ZONE: Final = (
    " Classes have two cuts: figures count a film as called from the rule-out cut on, whether it is ruled in or left "
    "to a reader."
)


def fit_thresholds(
    study: Study,
    setting: str,
    policy: str = "max-f1",
    *,
    parameter: float | None = None,
    confidence: float | None = None,
    exploratory: bool = False,
) -> ThresholdSet:
    """Fit the thresholds of one setting on val.

    parameter, confidence : of the policy; None = its default.
    Without val films nothing is fitted: the middle of the score kind serves (0.5 of a probability, 0 of a logit or
    a margin); a similarity has none, and the set holds no threshold. Only with `exploratory` are thresholds then
    fitted on all films, which flatters every figure read on them. Rules that need no fitting (the paper's, top-k)
    are the same with and without val films.
    Raises StudyError for a setting that the study lacks, CoreError for a policy that does not exist or a parameter or
    confidence that it does not take.

    >>> from core.study import open_study
    >>> chosen = fit_thresholds(open_study("tests/golden/study_v1"), "zero_shot")
    >>> chosen.n_films, round(chosen.values["Cardiomegaly"], 3), chosen.values["Edema"]
    (3, 0.028, None)
    """
    chosen = policy_named(policy)
    value, sure = chosen.checked(parameter), chosen.checked_confidence(confidence)
    if setting not in study.settings:
        raise StudyError(
            f"{study.root}: there is no setting {setting!r}.",
            remedy=f"Choose one of {', '.join(study.settings) or '(the study has none)'}.",
        )
    if not chosen.needs_films:
        return _fixed_rule(study, setting, chosen, value)
    split = "val" if len(study.rows("val")) else "all" if exploratory else None
    if split is None:
        return _natural_cuts(study, setting)
    return _fitted(study, setting, chosen, _number(value), _number(sure), split)


def _refused_words(fits: Sequence[ClassFit]) -> str:
    """Say in a sentence of how many classes a promise could not be made; "" where of all or nothing was promised."""
    n_refused = sum(fit.threshold is None and bool(fit.promises) for fit in fits)
    if not n_refused:
        return ""
    return f" {n_refused} of {len(fits)} classes have no threshold, because it cannot be promised of them."


def _number(value: float) -> float | None:
    """A number of a policy; None where it takes none."""
    return None if math.isnan(value) else value


def _fitted(
    study: Study, setting: str, policy: Policy, parameter: float | None, confidence: float | None, split: str
) -> ThresholdSet:
    middle = NATURAL_CUTS.get(study.manifest.settings[setting].score_kind, 0.0)
    own = policy.fit_classes(FilmScores.of_study(study, setting, split), parameter, confidence, middle)
    fits = dict(zip(study.classes, own, strict=True))
    has_grey_zone = any(fit.upper is not None for fit in own)
    films = films_of(study, split)
    return replace(
        _empty(study, setting),
        values={finding: fit.threshold for finding, fit in fits.items()},
        policy=policy.name,
        split=split,
        n_positive=films.n_positive,
        uppers={finding: fit.upper for finding, fit in fits.items()} if has_grey_zone else {},
        basis=_fitted_basis(study, setting, policy_words(policy, parameter, confidence), split)
        + (_GREY_ZONE if has_grey_zone else "")
        + _refused_words(own),
        is_exploratory=split != "val",
        parameter=parameter,
        confidence=confidence,
        n_films=films.n_films,
        n_patients=films.n_patients,
        fits=fits,
    ).of_trained(study.untrained(setting))


def policy_words(policy: Policy, parameter: float | None, confidence: float | None) -> str:
    """Say a policy with its numbers."""
    asked = ((policy.parameter, parameter), (policy.confidence, confidence))
    numbers = [f"{one.name} {value:g}" for one, value in asked if one is not None and value is not None]
    return ", ".join([policy.name, *numbers])


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
    cut = policy.cut(NATURAL_CUTS.get(empty.score_kind, 0.0))
    words = policy_words(policy, _number(value), None)
    return replace(
        empty,
        values=dict.fromkeys(study.classes, cut),
        policy=policy.name,
        basis=f"{setting}: a fixed rule ({words}): {policy.title[0].lower()}{policy.title[1:]}.",
        parameter=_number(value),
        rule_name=policy.rule_name,
    ).of_trained(study.untrained(setting))


_VAL_REMEDY: Final = "An import makes a val split with `--split-by-patient SEED`."


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
    basis = f"{basis} {_VAL_REMEDY}"
    return replace(
        _empty(study, setting), values=dict.fromkeys(study.classes, cut), policy=policy, basis=basis
    ).of_trained(study.untrained(setting))


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
        scores_fingerprint=study.scores_fingerprint(setting),
    )
