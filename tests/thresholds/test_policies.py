"""Every policy against a search that tries every threshold, and what each says of its optimum."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from sklearn.metrics import fbeta_score, matthews_corrcoef

from core.errors import CoreError
from core.metrics.classification import Confusion
from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds import POLICIES, fit_thresholds, policy_named
from core.thresholds.objectives import Steps
from core.thresholds.policies import Policy
from tests.metrics.table_study import TableStudy
from tests.metrics.tables import random_table

PER_CLASS = [policy for policy in POLICIES if policy.objective is not None]


def table(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """labels (n,) with a positive and a negative, scores (n,) with ties."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(int(rng.integers(4, 150))) < rng.choice([0.05, 0.4])).astype(float)
    labels[:2] = 0, 1
    return labels, np.round(rng.normal(size=labels.size) + labels, int(rng.integers(1, 4)))


def cost(counts: Confusion, ratio: float) -> float:
    return -(counts.fp + ratio * counts.fn)


SEARCH = {
    "max-fbeta": lambda c: (1 + 4) * c.tp / ((1 + 4) * c.tp + 4 * c.fn + c.fp) if c.tp else 0.0,
    "cost-ratio": lambda c: cost(c, 5),
    "net-benefit": lambda c: c.tp / c.n_read - c.fp / c.n_read * 0.2 / 0.8,
    "fixed-specificity": lambda c: c.recall if c.specificity >= 0.9 else -1,
    "fixed-precision": lambda c: c.recall if c.n_predicted and c.precision >= 0.5 else -1,
    "fixed-sensitivity": lambda c: c.specificity if c.recall >= 0.8 else -1,
}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", SEARCH)
def test_a_policy_is_the_best_of_every_threshold(name: str, seed: int) -> None:
    labels, scores = table(seed)
    counts = ThresholdCounts.from_scores("a", labels, scores)
    every = [counts.confusion(step) for step in range(counts.scores.size + policy_named(name).offers_none)]
    best = max(SEARCH[name](one) for one in every)
    threshold = policy_named(name).fit(counts)
    if best == -1:
        assert threshold is None
        assert "cannot be met" in policy_named(name).fit_class(counts).words()
    else:
        got = counts.at(threshold)
        assert SEARCH[name](got) == pytest.approx(best, abs=1e-12)
        assert got.n_predicted == min(one.n_predicted for one in every if SEARCH[name](one) > best - 1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_coefficients_are_scikit_learns(seed: int) -> None:
    labels, scores = table(seed)
    counts = ThresholdCounts.from_scores("a", labels, scores)
    for name, measure in (
        ("max-mcc", matthews_corrcoef),
        ("max-fbeta", lambda truth, called: fbeta_score(truth, called, beta=2, zero_division=0)),
    ):
        values = [measure(labels, scores >= cut) for cut in counts.scores]
        fit = policy_named(name).fit_class(counts)
        assert fit.value == pytest.approx(max(values))
        assert measure(labels, scores >= fit.threshold) == pytest.approx(max(values))


def test_nobody_is_called_where_every_call_costs_more_than_it_saves() -> None:
    counts = ThresholdCounts.from_scores("a", np.array([1.0, 0, 0, 0, 0]), np.array([0.1, 0.2, 0.3, 0.4, 0.5]))
    assert counts.at(policy_named("cost-ratio").fit(counts, 2.0)).n_predicted == 0
    assert counts.at(policy_named("cost-ratio").fit(counts, 10.0)).n_predicted == 5
    assert counts.at(policy_named("max-f1").fit(counts)).n_predicted == 5


def test_a_smoothed_optimum_is_that_of_the_scores_where_they_are_many() -> None:
    """Two normals: the smoothed curve of 60,000 films peaks where the true one does."""
    rng = np.random.default_rng(0)
    labels = (rng.random(60_000) < 0.2).astype(float)
    counts = ThresholdCounts.from_scores("a", labels, rng.normal(size=labels.size) + 2 * labels)
    plain, smooth = (policy_named(name).fit_class(counts) for name in ("max-f1", "smoothed-fbeta"))
    assert smooth.threshold == pytest.approx(plain.threshold, abs=0.12)
    assert counts.at(smooth.threshold).f1 == pytest.approx(plain.value, abs=0.005)


def test_smoothing_makes_thresholds_of_rare_classes_steadier_and_better() -> None:
    """12 positives 1.5 standard deviations above 500 negatives: the F1 that the threshold has in truth."""
    rng = np.random.default_rng(1)
    labels = np.r_[np.ones(12), np.zeros(500)]
    above = NormalDist().cdf
    thresholds: dict[str, list[float]] = {"max-f1": [], "smoothed-fbeta": []}
    for _ in range(60):
        counts = ThresholdCounts.from_scores("a", labels, rng.normal(size=512) + 1.5 * labels)
        for name, found in thresholds.items():
            found.append(policy_named(name).fit(counts))

    def in_truth(threshold: float) -> float:
        tp, fp = 12 * above(1.5 - threshold), 500 * above(-threshold)
        return 2 * tp / (tp + fp + 12)

    assert np.std(thresholds["smoothed-fbeta"]) < 0.8 * np.std(thresholds["max-f1"])
    plain, smooth = (np.mean([in_truth(one) for one in found]) for found in thresholds.values())
    assert smooth > plain


def test_a_fit_says_how_flat_it_is() -> None:
    """F1 is 2/3 from 0.2 to 0.6 and worse outside."""
    labels, scores = np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.2, 0.6])
    fit = policy_named("max-f1").fit_class(ThresholdCounts.from_scores("a", labels, scores))
    assert (fit.threshold, fit.value, fit.n_positive) == (0.2, pytest.approx(0.8), 2)
    assert (fit.flat_low, fit.flat_high, fit.flat_share) == (0.2, 0.2, 0.0)
    rng = np.random.default_rng(0)
    many = (rng.random(5000) < 0.5).astype(float)
    counts = ThresholdCounts.from_scores("a", many, rng.normal(size=5000) + 3 * many)
    wide = policy_named("max-f1").fit_class(counts)
    assert wide.flat_low < wide.threshold < wide.flat_high
    assert all(counts.at(end).f1 >= wide.value - 0.02 for end in (wide.flat_low, wide.flat_high))
    taken = counts.at(wide.flat_low).n_predicted - counts.at(wide.flat_high).n_predicted
    assert wide.flat_share == pytest.approx(taken / 5000)
    assert f"on {counts.n_positive} positives" in wide.words()


@pytest.mark.parametrize("policy", PER_CLASS, ids=lambda policy: policy.name)
def test_objectives_take_resamples_at_once(policy) -> None:
    """Leading axes give what each row alone gives, the smoothed one within the blur of a shared width."""
    rng = np.random.default_rng(0)
    tp = np.sort(rng.integers(0, 9, (4, 30)), axis=1)[:, ::-1].astype(float)
    fp = np.sort(rng.integers(0, 40, (4, 30)), axis=1)[:, ::-1].astype(float)
    tp[:, 0] += 1
    tp[:, -1] = fp[:, -1] = 0
    scores = np.sort(rng.normal(size=29))
    parameter = policy.checked(None)
    together, _ = policy.best_steps(Steps(scores, tp, fp), parameter)
    assert together.shape == (4,)
    if policy.name != "smoothed-fbeta":
        alone = [int(policy.best_steps(Steps(scores, tp[row], fp[row]), parameter)[0]) for row in range(4)]
        assert together.tolist() == alone


def study() -> TableStudy:
    made = random_table(5, unread=False, most_films=400)
    n_films, n_classes = made.labels.shape
    splits = ["val"] * (n_films // 2) + ["test"] * (n_films - n_films // 2)
    classes = tuple(f"class {index}" for index in range(n_classes))
    return TableStudy(classes, made.labels, splits, {"zero_shot": made.scores}, {"zero_shot": "logit"})


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_policy_makes_a_set_that_decides(policy: Policy) -> None:
    made = study()
    chosen = fit_thresholds(made, "zero_shot", policy.name)
    assert chosen.policy == policy.name
    assert chosen.is_film_wise == policy.is_film_wise
    assert chosen.rule().decide(made.scores("zero_shot")).shape == made.labels.shape
    if policy.needs_films:
        assert chosen.split == "val"
        assert chosen.n_films == len(made.rows("val"))
        assert all(fit.words() for fit in chosen.fits.values())
    other = made.scores_of["zero_shot"].copy()
    other[made.rows("test")] = 0
    again = TableStudy(made.classes, made.labels, made.splits_of_films, {"zero_shot": other}, {"zero_shot": "logit"})
    assert fit_thresholds(again, "zero_shot", policy.name).values == chosen.values  # test films are never looked at


def told_of(made: TableStudy, policy: Policy) -> tuple[str, tuple[float | None, ...]]:
    """What a set says of its origin, and its thresholds."""
    chosen = fit_thresholds(made, "zero_shot", policy.name)
    return chosen.basis, tuple(chosen.values.values())


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_policy_tells_the_truth_of_its_origin(policy: Policy) -> None:
    """Said to be fitted on the val films: it follows their scores. Said to be a fixed rule: no film moves it."""
    made = study()
    moved = {"zero_shot": made.scores("zero_shot") + 3.5}
    after = TableStudy(made.classes, made.labels, made.splits_of_films, moved, {"zero_shot": "logit"})
    basis, values = told_of(made, policy)
    told_later, values_later = told_of(after, policy)
    assert told_later == basis
    if "were fitted on" in basis:
        assert policy.needs_films
        pairs = [(one, other) for one, other in zip(values, values_later, strict=True) if one is not None]
        assert pairs
        assert all(other == pytest.approx(one + 3.5) for one, other in pairs)
    else:
        assert "a fixed rule" in basis
        assert not policy.needs_films
        assert values_later == values


def test_a_fixed_rule_of_another_name_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    half = Policy("half", "Cut at 0.5", "", fixed_cut=lambda middle: 0.5)
    monkeypatch.setattr("core.thresholds.policies.POLICIES", (*POLICIES, half))
    basis, values = told_of(study(), half)
    assert basis == "zero_shot: a fixed rule (half): cut at 0.5."
    assert set(values) == {0.5}


def test_one_cut_for_all_classes_is_the_best_one() -> None:
    made = study()
    chosen = fit_thresholds(made, "zero_shot", "global-cut")
    (cut,) = set(chosen.values.values())
    rows = made.rows("val")
    labels, scores = made.labels[rows], made.scores("zero_shot")[rows].astype(float)
    columns = [column for column in range(labels.shape[1]) if labels[:, column].any()]

    def macro(threshold: float) -> float:
        counts = [ThresholdCounts.from_scores("a", labels[:, c], scores[:, c]).at(threshold).f1 for c in columns]
        return float(np.mean(counts))

    assert macro(cut) == pytest.approx(max(macro(value) for value in np.unique(scores)))


def test_the_papers_rules_are_its_own() -> None:
    made = study()
    scores = made.scores("zero_shot")
    cut = fit_thresholds(made, "zero_shot", "paper-cut").rule().decide(scores)
    np.testing.assert_array_equal(cut, scores > 0)
    rows = fit_thresholds(made, "zero_shot", "paper-row-min-max").rule().decide(scores)
    assert rows.any(axis=1).all()
    assert not rows.all(axis=1).any()
    top = fit_thresholds(made, "zero_shot", "top-k", parameter=2).rule().decide(scores)
    assert (top.sum(axis=1) == 2).all()
    assert all(scores[row][top[row]].min() >= scores[row][~top[row]].max() for row in range(len(scores)))


def test_parameters_are_checked() -> None:
    with pytest.raises(CoreError, match=r"sensitivity of fixed-sensitivity is 1\.5.*between 0 and 1"):
        fit_thresholds(study(), "zero_shot", "fixed-sensitivity", parameter=1.5)
    with pytest.raises(CoreError, match="takes no parameter"):
        fit_thresholds(study(), "zero_shot", "max-f1", parameter=2)
    with pytest.raises(CoreError, match="nan"):
        fit_thresholds(study(), "zero_shot", "cost-ratio", parameter=math.nan)
