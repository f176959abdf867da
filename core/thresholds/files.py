"""thresholds.json: threshold sets with their provenance, written and read again.

Version 2 may hold two cuts a class (`uppers`), a confidence and, in a fit, promises; version 1 is read as without.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from core.errors import CoreError
from core.files import json_in, reason
from core.findings import SPLITS
from core.study.manifest import SCORE_KINDS
from core.thresholds.class_fit import ClassFit, PromiseFit
from core.thresholds.policies import PER_CLASS, POLICIES, Parameter, policy_named
from core.thresholds.promise_rules import MISSED_FINDINGS
from core.thresholds.promises import PROMISES
from core.thresholds.rules import RULES
from core.thresholds.sets import BY_HAND, INTENDED_USE, PROVENANCE, ThresholdSet, model_fingerprint

if TYPE_CHECKING:
    from core.study import Study

FORMAT: Final = "chest-film threshold sets"
VERSION: Final = 2

_READ: Final = (1, VERSION)
_REMEDY: Final = "Write the file with `python -m core fit` or from the thresholds page."
_TEXTS: Final = ("study", "fingerprint", "setting", "policy", "basis")
_COUNTS: Final = ("n_films", "n_patients")
_UNFITTED: Final = (BY_HAND, "natural-cut", "none")
"""Where thresholds may come from, if not from a policy."""


def threshold_file(sets: Sequence[ThresholdSet], figures: Mapping[str, Any] | None = None) -> str:
    """Write the text of thresholds.json.

    figures : by setting, JSON values to stand beside its set (the figures with intervals on the films of some split);
        they are for readers and not read again.
    """
    content: dict[str, Any] = {"format": FORMAT, "version": VERSION, "intended_use": INTENDED_USE}
    content["sets"] = [{**one.to_json(), "figures": (figures or {}).get(one.setting)} for one in sets]
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_threshold_file(text: str | bytes, where: str = "thresholds.json") -> tuple[ThresholdSet, ...]:
    """Read the sets of a file, every value checked. Raises CoreError, naming the first thing that is wrong."""
    try:
        content = json_in(text, bounded=False)
    except ValueError as error:
        raise CoreError(f"{where}: is not JSON ({reason(error)}).", remedy=_REMEDY) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CoreError(f"{where}: is not a file of threshold sets.", remedy=_REMEDY)
    version = content.get("version")
    if version not in _READ or isinstance(version, bool):
        raise CoreError(
            f"{where}: has version {version!r}; this software reads versions {_READ[0]} to {VERSION}.",
            remedy="Update the software, or fit the thresholds again.",
        )
    sets = content.get("sets")
    if not isinstance(sets, list) or not sets:
        raise CoreError(f"{where}: holds no threshold set.", remedy=_REMEDY)
    if version == 1:
        sets = [_migrated(one) for one in sets]
    read = tuple(_read_set(one, f"{where}: set {number}") for number, one in enumerate(sets, 1))
    settings = [one.setting for one in read]
    if len(set(settings)) < len(settings):
        raise CoreError(f"{where}: holds two sets of one setting.", remedy="Keep one set a setting.")
    return read


def for_study(sets: Sequence[ThresholdSet], study: Study) -> tuple[ThresholdSet, ...]:
    """Give the sets, if they rest on the films, labels and scores of this study, whatever marks and maps it holds.

    Thresholds of classes that their setting was never trained on are left out.
    Raises CoreError where anything does not match.
    """
    for one in sets:
        where = f"{study.root}: the thresholds for {one.setting}"
        entry = study.manifest.settings.get(one.setting)
        if entry is None or one.setting not in study.settings:
            raise _mismatch(where, "setting", one.setting, ", ".join(study.settings) or "none")
        if not one.rests_on(study):
            found, here = f"{one.study} ({one.fingerprint})", f"{study.name} ({study.fingerprint})"
            raise _mismatch(where, "study, or rest on other films, labels or scores", found, here)
        if one.model != model_fingerprint(study):
            raise _mismatch(where, "model", one.model, model_fingerprint(study))
        if one.score_kind != entry.score_kind:
            raise _mismatch(where, "score kind", one.score_kind, entry.score_kind)
        if tuple(one.values) != study.classes:
            raise _mismatch(where, "class order", ", ".join(one.values), ", ".join(study.classes))
    return tuple(one.of_trained(study.untrained(one.setting)) for one in sets)


def _mismatch(where: str, what: str, found: object, expected: object) -> CoreError:
    return CoreError(f"{where} are of another {what}: {found}, not {expected}.", remedy="Fit them again on this study.")


def _migrated(content: object) -> object:
    """A set of version 1 as version 2 writes it: one cut a class, and nothing promised."""
    if not isinstance(content, dict):
        return content
    fits = content.get("fits")
    if isinstance(fits, dict):
        fits = {
            name: {**fit, "upper": None, "promises": []} if isinstance(fit, dict) else fit for name, fit in fits.items()
        }
    return {**content, "confidence": None, "uppers": {}, "fits": fits}


def _read_set(content: object, where: str) -> ThresholdSet:
    if not isinstance(content, dict):
        raise CoreError(f"{where}: is not an object.", remedy=_REMEDY)
    found = {"is_frozen": True, **{name: content[name] for name in PROVENANCE if name in content}}
    found = {name: found.get(name) for name in PROVENANCE}
    for name in _TEXTS:
        _expect(where, name, found[name], isinstance(found[name], str), "text")
    for name in _COUNTS:
        _expect(where, name, found[name], _is_count(found[name]), "a whole number")
    _expect(where, "score_kind", found["score_kind"], found["score_kind"] in SCORE_KINDS, " or ".join(SCORE_KINDS))
    _expect(where, "split", found["split"], found["split"] in (None, "all", *SPLITS), "a split or null")
    _expect(where, "rule_name", found["rule_name"], found["rule_name"] in tuple(RULES), " or ".join(RULES))
    for name in ("is_exploratory", "is_frozen"):
        _expect(where, name, found[name], isinstance(found[name], bool), "true or false")
    for name in ("model", "scores_fingerprint"):
        _expect(where, name, found[name], isinstance(found[name], str | None), "text or null")
    _check_policy(where, found)
    exploratory = found["is_exploratory"]
    if found["split"] not in (None, "val"):
        _expect(where, "is_exploratory", exploratory, exploratory is True, "true off the val films")
    values = _by_class(content, "values", where, _is_number_or_null, "a number or null")
    if not values:
        raise CoreError(f"{where}: 'values' names no class.", remedy=_REMEDY)
    uppers = _by_class(content, "uppers", where, _is_number_or_null, "a number or null")
    _check_uppers(where, found, values, uppers)
    n_positive = _by_class(content, "n_positive", where, _is_count, "a whole number")
    _expect(where, "n_positive", list(n_positive), set(n_positive) <= set(values), "of the classes of 'values'")
    fits = {name: _read_fit(fit, f"{where}: fit of {name}") for name, fit in _mapping(content, "fits", where).items()}
    known: dict[str, Any] = found
    return ThresholdSet(values=_floats(values), uppers=_floats(uppers), n_positive=n_positive, fits=fits, **known)


def _floats(values: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: None if value is None else float(value) for name, value in values.items()}


def _check_uppers(where: str, found: Mapping[str, Any], values: Mapping[str, Any], uppers: Mapping[str, Any]) -> None:
    """Two cuts are of the same classes, the rule-in cut not below the other, and not of a rule within each film."""
    if not uppers:
        return
    _expect(where, "uppers", list(uppers), tuple(uppers) == tuple(values), "the classes of 'values'")
    _expect(where, "rule_name", found["rule_name"], found["rule_name"] == PER_CLASS, f"{PER_CLASS}, with two cuts")
    for finding, upper in uppers.items():
        low = values[finding]
        is_right = (low is None) == (upper is None) and (low is None or low <= upper)
        _expect(where, f"uppers of {finding}", upper, is_right, f"no less than the rule-out cut, {low}")


def _check_policy(where: str, found: Mapping[str, Any]) -> None:
    """The policy is one there is, and its rule and parameter are its own."""
    name, parameter = found["policy"], found["parameter"]
    known = [*(policy.name for policy in POLICIES), *_UNFITTED]
    _expect(where, "policy", name, name in known, f"one of {', '.join(known)}")
    policy = None if name in _UNFITTED else policy_named(name)
    rule = PER_CLASS if policy is None else policy.rule_name
    _expect(where, "rule_name", found["rule_name"], found["rule_name"] == rule, f"{rule}, the rule of {name}")
    asked = None if policy is None else policy.parameter
    words = "null" if asked is None else asked.range_words
    _expect(where, "parameter", parameter, _is_of(asked, parameter), words)
    sure, confidence = None if policy is None else policy.confidence, found["confidence"]
    words = "null" if sure is None else sure.range_words
    _expect(where, "confidence", confidence, _is_of(sure, confidence), words)


def _is_of(asked: Parameter | None, value: object) -> bool:
    """Whether a value is what a policy takes, or nothing where it takes nothing."""
    if asked is None or value is None:
        return asked is None and value is None
    return _is_number_or_null(value) and asked.takes(float(value))  # type: ignore[arg-type]


def _read_fit(content: object, where: str) -> ClassFit:
    if not isinstance(content, dict) or set(content) != {entry.name for entry in fields(ClassFit)}:
        raise CoreError(f"{where}: is not what a fit is.", remedy=_REMEDY)
    for name in ("n_positive", "n_negative"):
        _expect(where, name, content[name], _is_count(content[name]), "a whole number")
    _expect(where, "unit", content["unit"], isinstance(content["unit"], str), "text")
    for name in ("threshold", "value", "flat_low", "flat_high", "flat_share", "upper"):
        _expect(where, name, content[name], _is_number_or_null(content[name]), "a number or null")
    undefined = {name: math.nan for name in ("value", "flat_low", "flat_high", "flat_share") if content[name] is None}
    said = content["promises"]
    _expect(where, "promises", said, isinstance(said, list), "a list")
    promises = tuple(_read_promise(one, f"{where}: promise {number}") for number, one in enumerate(said, 1))
    return ClassFit(**{**content, **undefined, "promises": promises})


def _read_promise(content: object, where: str) -> PromiseFit:
    if not isinstance(content, dict) or set(content) != {entry.name for entry in fields(PromiseFit)}:
        raise CoreError(f"{where}: is not what a promise is.", remedy=_REMEDY)
    for name in ("said", "needed_what"):
        _expect(where, name, content[name], isinstance(content[name], str), "text")
    known = (*(promise.name for promise in PROMISES), MISSED_FINDINGS)
    _expect(where, "figure", content["figure"], content["figure"] in known, " or ".join(known))
    for name in ("n_classes", "n", "failures"):
        _expect(where, name, content[name], _is_count(content[name]), "a whole number")
    level = content["level"]
    _expect(where, "level", level, level is not None and _is_number_or_null(level), "a number")
    for name in ("confidence", "kept", "kept_plain"):
        _expect(where, name, content[name], _is_number_or_null(content[name]), "a number or null")
    for name in ("more_false_alarms", "more_missed", "needed"):
        value = content[name]
        is_right = value is None or (isinstance(value, int) and not isinstance(value, bool))
        _expect(where, name, value, is_right, "a whole number or null")
    for name in ("is_made", "is_about"):
        _expect(where, name, content[name], isinstance(content[name], bool), "true or false")
    undefined = {name: math.nan for name in ("confidence", "kept", "kept_plain") if content[name] is None}
    return PromiseFit(**{**content, **undefined})


def _by_class(content: Mapping[str, Any], name: str, where: str, is_right: Any, expected: str) -> dict[str, Any]:
    found = _mapping(content, name, where)
    for finding, value in found.items():
        _expect(where, f"{name} of {finding}", value, is_right(value), expected)
    return found


def _mapping(content: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    found = content.get(name)
    if not isinstance(found, dict):
        raise CoreError(f"{where}: '{name}' is not an object.", remedy=_REMEDY)
    return found


def _expect(where: str, name: str, found: object, is_right: bool, expected: str) -> None:
    if not is_right:
        raise CoreError(f"{where}: '{name}' is {str(found)[:80]!r}; expected {expected}.", remedy=_REMEDY)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number_or_null(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return abs(float(value)) < math.inf
    except OverflowError:
        return False
