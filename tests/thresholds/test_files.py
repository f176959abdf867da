"""thresholds.json: what is written is read again to the last bit; what does not fit is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from core.errors import CoreError
from core.study import open_study
from core.thresholds import POLICIES, fit_thresholds
from core.thresholds.files import for_study, read_threshold_file, threshold_file
from tests.golden.make_study_v1 import STUDY
from tests.thresholds.test_policies import study


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_policys_set_comes_back(policy) -> None:
    made = study()
    chosen = fit_thresholds(made, "zero_shot", policy.name)
    (back,) = for_study(read_threshold_file(threshold_file([chosen])), made)
    assert back.to_json() == chosen.to_json()
    np.testing.assert_array_equal(back.array(), chosen.array())


def test_it_says_who_may_rely_on_it() -> None:
    written = json.loads(threshold_file([fit_thresholds(study(), "zero_shot")], {"zero_shot": {"macro_f1": 0.5}}))
    assert "nobody may rely on these thresholds for a patient" in written["intended_use"]
    assert written["sets"][0]["figures"] == {"macro_f1": 0.5}


def changed(**values: object) -> str:
    content = json.loads(threshold_file([fit_thresholds(study(), "zero_shot")]))
    content["sets"][0].update(values)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not JSON"),
        ("[1]", "not a file of threshold sets"),
        ('{"format": "chest-film threshold sets", "version": 3}', "version 3"),
        ('{"format": "chest-film threshold sets", "version": 1, "sets": []}', "no threshold set"),
        (changed(values={"class 0": "high"}), "class 0"),
        (changed(values={"class 0": True}), "class 0"),
        (changed(values={}), "no class"),
        (changed(score_kind="odds"), "score_kind"),
        (changed(split="tset"), "split"),
        (changed(split="test"), "is_exploratory"),
        (changed(n_positive={"class 0": -1}), "n_positive"),
        (changed(n_positive={"other": 1}), "n_positive"),
        (changed(fits={"class 0": {}}), "fit of class 0"),
        (changed(rule_name="guess"), "rule_name"),
        (changed(rule_name="top-k"), "rule_name"),
        (changed(policy="top-k", rule_name="top-k"), "parameter"),
        (changed(policy="top-k", rule_name="top-k", parameter=1e300), "between 1 and 1000"),
        (changed(policy="top-k", rule_name="top-k", parameter=1.5), "whole number"),
        (changed(policy="max-fbeta", parameter=0), "between 0.1 and 10"),
        (changed(parameter=10**400), "parameter"),
        (changed(parameter=0.5), "parameter"),
        (changed(values={"class 0": 10**400}), "class 0"),
        (changed(policy="guess"), "one of max-f1, max-fbeta"),
        (changed(is_frozen="yes"), "is_frozen"),
        (changed(policy=None), "policy"),
        (changed().replace('"n_films": ', '"n_films": 1.5, "was": '), "n_films"),
        (changed().replace('"parameter": null', '"parameter": NaN'), "NaN"),
        (changed().replace('"parameter": null', '"parameter": 1e999'), "parameter"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(text: str, words: str) -> None:
    with pytest.raises(CoreError, match=words):
        read_threshold_file(text)


def test_the_golden_file_of_version_1_opens_as_it_was() -> None:
    """One cut a class, nothing promised; and what is written again is of the version of today."""
    golden = open_study(STUDY)
    written = (STUDY.parent / "thresholds_v1.json").read_text(encoding="utf-8")
    sets = for_study(read_threshold_file(written), golden)
    assert [one.setting for one in sets] == list(golden.settings)
    for one, old in zip(sets, json.loads(written)["sets"], strict=True):
        assert dict(one.values) == old["values"]
        assert one == fit_thresholds(golden, one.setting)
        assert not one.has_grey_zone
        assert one.confidence is None
        assert all(fit.promises == () for fit in one.fits.values())
        assert {name: fit.threshold for name, fit in one.fits.items()} == old["values"]
    again = threshold_file(sets)
    assert (json.loads(again)["version"], json.loads(written)["version"]) == (2, 1)
    assert read_threshold_file(again) == sets


def promised() -> str:
    return threshold_file([fit_thresholds(study(), "zero_shot", "rule-out-rule-in", parameter=0.5)])


def edited(*path: str | int, value: object) -> str:
    """The file of two cuts with one value changed; the path from its set on."""
    content = json.loads(promised())
    place = content["sets"][0]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(content)


PROMISE = ("fits", "class 0", "promises", 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (edited("uppers", "class 0", value=-1e9), "uppers of class 0"),
        (edited("uppers", "class 0", value=None), "uppers of class 0"),
        (edited("uppers", "class 0", value="high"), "uppers of class 0"),
        (edited("uppers", value={"class 0": 1.0}), "classes of 'values'"),
        (edited("uppers", value=None), "'uppers' is not an object"),
        (edited("confidence", value=2), "between 0.5 and 0.9999"),
        (edited("confidence", value=None), "confidence"),
        (edited("fits", "class 0", "upper", value="high"), "upper"),
        (edited("fits", "class 0", "promises", value={}), "promises"),
        (edited(*PROMISE, value={}), "is not what a promise is"),
        (edited(*PROMISE, "figure", value="luck"), "sensitivity or specificity"),
        (edited(*PROMISE, "said", value=1), "said"),
        (edited(*PROMISE, "n", value=-1), "'n' is"),
        (edited(*PROMISE, "level", value=None), "level"),
        (edited(*PROMISE, "kept", value="often"), "kept"),
        (edited(*PROMISE, "needed", value=1.5), "needed"),
        (edited(*PROMISE, "is_made", value=1), "is_made"),
        (changed(confidence=0.9), "confidence"),
    ],
)
def test_what_is_wrong_with_two_cuts_or_a_promise_is_named(text: str, words: str) -> None:
    with pytest.raises(CoreError, match=words):
        read_threshold_file(text)


def test_two_cuts_come_back() -> None:
    made = study()
    chosen = fit_thresholds(made, "zero_shot", "rule-out-rule-in", parameter=0.5)
    assert chosen.has_grey_zone
    (back,) = for_study(read_threshold_file(promised()), made)
    np.testing.assert_array_equal(back.upper_array(), chosen.upper_array())
    assert back.left_to_reader(made.scores("zero_shot")).any()
    assert [fit.words() for fit in back.fits.values()] == [fit.words() for fit in chosen.fits.values()]
    assert back.key == chosen.key
    assert replace(back, uppers=dict(back.values)).key != back.key


def test_two_sets_of_one_setting_are_refused() -> None:
    chosen = fit_thresholds(study(), "zero_shot")
    with pytest.raises(CoreError, match="two sets"):
        read_threshold_file(threshold_file([chosen, chosen]))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("scores_fingerprint", "f" * 16, "another study"),
        ("model", "f" * 16, "another model"),
        ("setting", "fine_tune", "another setting"),
        ("score_kind", "margin", "another score kind"),
    ],
)
def test_a_set_of_something_else_is_refused(field: str, value: str, words: str) -> None:
    made = study()
    with pytest.raises(CoreError, match=words):
        for_study([replace(fit_thresholds(made, "zero_shot"), **{field: value})], made)


def test_a_set_written_before_scores_had_a_fingerprint_needs_the_same_study() -> None:
    made = study()
    old = replace(fit_thresholds(made, "zero_shot"), scores_fingerprint=None)
    assert for_study([old], made) == (old,)
    with pytest.raises(CoreError, match="another study"):
        for_study([replace(old, fingerprint="f" * 16)], made)


def test_a_set_of_other_classes_is_refused() -> None:
    made = study()
    chosen = fit_thresholds(made, "zero_shot")
    backwards = replace(chosen, values=dict(reversed(chosen.values.items())))
    with pytest.raises(CoreError, match="another class order"):
        for_study([backwards], made)
