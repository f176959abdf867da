"""Thresholds fitted again on resamples, against fitting each resample's films by hand; optimism against the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.metrics.resampling import draw_resamples
from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds import POLICIES, policy_named
from core.thresholds.spread import class_spread, threshold_spread
from tests.benchmarks.coverage import optimism
from tests.figures.test_thresholds import make_study
from tests.thresholds.test_policies import table


@pytest.mark.parametrize("name", ["max-f1", "youden", "fixed-sensitivity", "cost-ratio", "prevalence-match"])
@pytest.mark.parametrize("seed", range(3))
def test_each_resample_is_fitted_as_its_films_alone_would_be(name: str, seed: int) -> None:
    """The same films are taken; a threshold may lie anywhere between the same two scores."""
    labels, scores = table(seed)
    policy = policy_named(name)
    weights = draw_resamples(None, 25, np.random.default_rng(seed), n_films=labels.size).film_weights()
    spread = class_spread(labels, scores, policy, policy.checked(None), weights)
    optimism_by_hand = []
    counts = ThresholdCounts.from_scores("a", labels, scores)
    for threshold, weight in zip(spread.thresholds, weights, strict=True):
        films = np.repeat(np.arange(labels.size), weight.astype(int))
        own = ThresholdCounts.from_scores("a", labels[films], scores[films])
        expected = policy.fit(own)
        assert math.isnan(threshold) == (expected is None)
        if expected is not None:
            assert own.at(threshold) == own.at(expected)
            optimism_by_hand.append(own.at(threshold).f1 - counts.at(threshold).f1)
    if labels.sum() > 1:
        corrected = spread.apparent_f1 - np.mean(optimism_by_hand)
        assert spread.corrected_f1 == pytest.approx(max(0.0, corrected))


@pytest.mark.parametrize("n_positive", [5, 10, 20])
def test_the_corrected_f1_is_nearer_to_the_truth_than_the_apparent(n_positive: int) -> None:
    found = optimism(n_positive, 60, np.random.default_rng(0))
    assert abs(found.corrected_bias) < 0.75 * abs(found.apparent_bias)
    assert found.corrected_error < found.apparent_error


def test_a_study_has_one_spread_a_class_on_val() -> None:
    study = make_study()
    spreads = threshold_spread(study, "fine_tune")
    assert tuple(spreads) == study.classes
    edema, without = spreads["Edema"], spreads["Lung Lesion"]
    assert edema.low <= edema.high
    assert edema.is_estimable
    assert edema.corrected_f1 < edema.apparent_f1
    assert not without.is_estimable
    assert math.isnan(without.corrected_f1)
    changed = make_study()
    changed.scores_of["fine_tune"][300:] = 0
    again = threshold_spread(changed, "fine_tune")
    np.testing.assert_array_equal(again["Edema"].thresholds, edema.thresholds)  # test films are never looked at


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_policy_has_a_spread_or_none(policy) -> None:
    spreads = threshold_spread(make_study(), "zero_shot", policy.name, resamples=draw_resamples(None, 20, n_films=300))
    assert bool(spreads) == (policy.objective is not None)
