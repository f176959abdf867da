"""Counts at every threshold, the policies that look them up, and where a set says it comes from."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import f1_score

from core.errors import CoreError, StudyError
from core.metrics.classification import confusions
from core.thresholds import POLICIES, ThresholdCounts, ThresholdSet, fit_thresholds, policy_named
from core.thresholds.class_scores import FilmScores
from core.thresholds.policies import Policy
from tests.metrics.table_study import TableStudy
from tests.metrics.tables import TABLES, random_table

HAND = ThresholdCounts.from_scores(
    "Edema", np.array([0, 0, 1, 0, 1, 1, np.nan]), np.array([0.1, 0.2, 0.3, 0.4, 0.4, 0.9, 0.5])
)
"""Distinct scores .1 .2 .3 .4 .9; at or above them 3 3 3 2 1 positives and 3 2 1 1 0 negatives."""


def study_of(splits: list[str], labels: np.ndarray, scores: np.ndarray, kind: str = "logit") -> TableStudy:
    classes = tuple("abcdefghijklmn"[: labels.shape[1]])
    return TableStudy(classes, labels, splits, {"zero_shot": scores.astype(np.float32)}, {"zero_shot": kind})


def test_counts_by_hand() -> None:
    np.testing.assert_array_equal(HAND.scores, [0.1, 0.2, 0.3, 0.4, 0.9])
    np.testing.assert_array_equal(HAND.true_positives, [3, 3, 3, 2, 1, 0])
    np.testing.assert_array_equal(HAND.false_positives, [3, 2, 1, 1, 0, 0])
    np.testing.assert_allclose(HAND.f1, [6 / 9, 6 / 8, 6 / 7, 4 / 6, 2 / 4, 0])


@pytest.mark.parametrize("seed", TABLES)
def test_every_threshold_gives_the_counts_of_a_direct_count(seed: int) -> None:
    table = random_table(seed)
    labels, scores = table.labels[:, 0], table.scores[:, 0]
    counts = ThresholdCounts.from_scores("a", labels, scores)
    own = scores.astype(float)
    for threshold in np.r_[own, own + 1e-9, own - 1e-9, -np.inf, np.inf, 0.0]:
        (expected,) = confusions(labels[:, None], (own >= threshold)[:, None])
        assert counts.at(threshold) == expected
    assert counts.at(math.nan).n_predicted == 0


@pytest.mark.parametrize("seed", TABLES)
def test_the_threshold_of_a_step_gives_that_step(seed: int) -> None:
    table = random_table(seed)
    counts = ThresholdCounts.from_scores("a", table.labels[:, 0], table.scores[:, 0])
    for step in range(counts.scores.size + (counts.scores.size > 0)):
        assert counts.step(counts.threshold(step)) == step


def test_a_threshold_between_neighbouring_doubles_still_separates_them() -> None:
    low = 0.3
    high = np.nextafter(low, 1)
    counts = ThresholdCounts.from_scores("a", np.array([0.0, 1.0]), np.array([low, high]))
    assert counts.threshold(1) == high
    extreme = ThresholdCounts.from_scores("a", np.array([0.0, 1.0]), np.array([-1.5e308, 1.5e308]))
    assert extreme.step(extreme.threshold(1)) == 1


@pytest.mark.parametrize(
    ("policy", "threshold"),
    [("max-f1", 0.25), ("youden", 0.25), ("prevalence-match", 0.35), ("fixed-sensitivity", 0.25)],
)
def test_policies_by_hand(policy: str, threshold: float) -> None:
    assert policy_named(policy).fit(HAND) == pytest.approx(threshold)


def test_ties_go_to_the_fewest_predictions() -> None:
    """F1 is 2/3 with one film taken and with two of three."""
    counts = ThresholdCounts.from_scores("a", np.array([1, 0, 0, 0, 1]), np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert counts.f1[0] == pytest.approx(4 / 7)
    assert counts.f1[4] == pytest.approx(2 / 3)
    assert policy_named("max-f1").fit(counts) == 4.5
    flat = ThresholdCounts.from_scores("a", np.array([1, 0, 1, 0]), np.array([1.0, 1.0, 2.0, 2.0]))
    assert policy_named("youden").fit(flat) == 1.5


FITTED = [policy for policy in POLICIES if policy.objective is not None]
OLDEST = ("max-f1", "youden", "prevalence-match", "fixed-sensitivity")

columns = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        arrays.arrays(float, n, elements=st.sampled_from([0.0, 1.0, np.nan])),
        arrays.arrays(float, n, elements=st.floats(-1e6, 1e6)),
    )
)


@given(columns)
def test_each_policy_is_the_best_of_a_full_search(column: tuple[np.ndarray, np.ndarray]) -> None:
    labels, scores = column
    counts = ThresholdCounts.from_scores("a", labels, scores)
    if not counts.n_positive or not counts.n_negative:
        assert all(policy.fit(counts) is None for policy in FITTED)
        return
    every = [counts.at(score) for score in counts.scores]
    fitted = {name: policy_named(name).fit(counts) for name in OLDEST}
    got = {name: counts.at(threshold) for name, threshold in fitted.items() if threshold is not None}
    assert got["max-f1"].f1 == max(one.f1 for one in every)
    assert abs(got["prevalence-match"].n_predicted - counts.n_positive) == min(
        abs(one.n_predicted - counts.n_positive) for one in every
    )
    assert got["fixed-sensitivity"].recall >= 0.8
    assert got["fixed-sensitivity"].fp == min(one.fp for one in every if one.recall >= 0.8)
    j = got["youden"].recall + got["youden"].specificity
    assert j == pytest.approx(max(one.recall + one.specificity for one in every))


SPARSE = {(0, 3): "there is no positive to fit on (0 positives, 3 negatives)",
          (3, 0): "there is no negative to fit on (3 positives, 0 negatives)",
          (0, 0): "there is no positive to fit on (0 positives, 0 negatives)",
          (1, 1): "on 1 positive and 1 negative"}  # fmt: skip


def sparse_study(n_positive: int, n_negative: int, *, beside: bool) -> TableStudy:
    """Six val films: "a" with so many labels; and "b" with both kinds, or none labelled."""
    first = [1.0] * n_positive + [0.0] * n_negative + [np.nan] * (6 - n_positive - n_negative)
    labels = np.column_stack([first, [1, 0, 1, 0, 1, 0] if beside else [np.nan] * 6])
    scores = np.column_stack([np.linspace(2, 1, 6), np.linspace(0.1, 0.6, 6)])
    return TableStudy(("a", "b"), labels, ["val"] * 6, {"zero_shot": scores}, {"zero_shot": "logit"})


@pytest.mark.parametrize("sizes", SPARSE)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_nothing_is_fitted_on_films_that_cannot_be_told_apart(policy: Policy, sizes: tuple[int, int]) -> None:
    chosen = fit_thresholds(sparse_study(*sizes, beside=False), "zero_shot", policy.name)
    if not policy.needs_films:
        assert not chosen.fits
        return
    if policy.promise is not None:  # of so few patients nothing can be promised, and it says how many it takes
        assert chosen.values["a"] is None
        assert chosen.fits["a"].promises or SPARSE[sizes] in chosen.fits["a"].words()
        return
    assert SPARSE[sizes] in chosen.fits["a"].words() or (policy.shared_cut is not None and sizes == (1, 1))
    assert (chosen.values["a"] is None) == (sizes != (1, 1))
    assert math.isnan(chosen.fits["a"].value) == (sizes != (1, 1) or policy.shared_cut is not None)
    assert chosen.values["b"] is None or policy.shared_cut is not None


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0), (0, 0)])
def test_one_cut_for_all_comes_from_the_classes_that_tell(sizes: tuple[int, int]) -> None:
    alone = fit_thresholds(sparse_study(0, 0, beside=True), "zero_shot", "global-cut")
    chosen = fit_thresholds(sparse_study(*sizes, beside=True), "zero_shot", "global-cut")
    assert chosen.values["b"] is not None
    assert chosen.values == alone.values


@pytest.mark.parametrize("seed", TABLES[:6])
def test_max_f1_equals_a_search_with_scikit_learn(seed: int) -> None:
    table = random_table(seed, unread=False)
    for labels, scores in zip(table.labels.T, table.scores.T, strict=True):
        if labels.any() and not labels.all():
            counts = ThresholdCounts.from_scores("a", labels, scores)
            best = max(f1_score(labels, scores >= cut, zero_division=0) for cut in np.unique(scores))
            fitted = policy_named("max-f1").fit(counts)
            assert f1_score(labels, scores.astype(float) >= fitted) == pytest.approx(best, abs=1e-12)


def test_a_policy_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(CoreError, match="max-f1, max-fbeta"):
        policy_named("best")


def test_thresholds_are_fitted_on_val_alone() -> None:
    rng = np.random.default_rng(0)
    labels, scores = (rng.random((60, 3)) < 0.4).astype(float), rng.normal(size=(60, 3))
    splits = ["train"] * 20 + ["val"] * 20 + ["test"] * 20
    study = study_of(splits, labels, scores)
    fitted = fit_thresholds(study, "zero_shot")
    shuffled = scores.copy()
    shuffled[:20], shuffled[40:] = rng.normal(size=(20, 3)), rng.normal(size=(20, 3))
    assert fit_thresholds(study_of(splits, labels, shuffled), "zero_shot").values == fitted.values
    assert (fitted.split, fitted.policy, fitted.is_exploratory) == ("val", "max-f1", False)
    assert fitted.n_positive == dict(zip("abc", labels[20:40].sum(axis=0).astype(int), strict=True))
    assert "20 val films" in fitted.basis
    counts = {one.finding: one for one in FilmScores.of_study(study, "zero_shot", "val").counts}
    assert fitted.values["a"] == policy_named("max-f1").fit(counts["a"])


def test_a_class_without_val_positives_has_no_threshold_and_is_never_predicted() -> None:
    labels = np.array([[1, 0], [0, 0], [1, 1]])
    scores = np.array([[2.0, 1.0], [1.0, 2.0], [3.0, 3.0]])
    fitted = fit_thresholds(study_of(["val", "val", "test"], labels, scores), "zero_shot")
    assert fitted.values == {"a": 1.5, "b": None}
    assert fitted.unfitted == ("b",)
    np.testing.assert_array_equal(fitted.rule().decide(scores), [[True, False], [False, False], [True, False]])


@pytest.mark.parametrize(("kind", "cut"), [("probability", 0.5), ("logit", 0.0), ("margin", 0.0), ("similarity", None)])
def test_without_val_films_nothing_is_fitted(kind: str, cut: float | None) -> None:
    labels, scores = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.6, 0.2], [0.1, 0.9]])
    fitted = fit_thresholds(study_of(["test", "test"], labels, scores, kind), "zero_shot")
    assert fitted.values == {"a": cut, "b": cut}
    assert fitted.split is None
    assert fitted.is_defined == (cut is not None)
    assert "no val split" in fitted.basis


def test_fitting_on_the_films_that_are_read_must_be_asked_for_and_says_so() -> None:
    labels, scores = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.6, 0.2], [0.1, 0.9]])
    fitted = fit_thresholds(study_of(["test", "test"], labels, scores, "similarity"), "zero_shot", exploratory=True)
    assert fitted.is_exploratory
    assert fitted.split == "all"
    assert "exploratory" in fitted.basis
    assert "optimistic" in fitted.basis


def test_a_setting_that_the_study_lacks_is_named() -> None:
    with pytest.raises(StudyError, match=r"fine_tune.*zero_shot"):
        fit_thresholds(study_of(["val"], np.array([[1.0]]), np.array([[1.0]])), "fine_tune")


def test_a_set_goes_into_json_with_its_provenance() -> None:
    chosen = ThresholdSet(
        {"a": 0.25, "b": None}, "max-f1", "val", "logit", "fine_tune", "s", "f" * 16, {"a": 3}, "Why."
    )
    written = json.loads(json.dumps(chosen.to_json(), allow_nan=False))
    assert written["values"] == {"a": 0.25, "b": None}
    assert written["fingerprint"] == "f" * 16
    assert written["split"] == "val"
