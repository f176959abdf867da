"""Exact binomial statements against SciPy, tests of many cuts and conformal risk against MAPIE and torchcp."""

from __future__ import annotations

import numpy as np
import pytest
from mapie.risk_control import control_fwer
from mapie.risk_control.methods import (
    compute_hoeffding_bentkus_p_value,
    find_best_predict_param,
    get_r_hat_plus,
)
from scipy.stats import binom, binomtest

from core.metrics.exact_binomial import binomial_tail, fewest_trials, lower_limit, most_failures, upper_limit
from core.metrics.risk_control import conformal_risk, learn_then_test

TORCHCP_CUTS = {0.1: -1.2, 0.2: -0.2, 0.3: 0.0}
"""What torchcp 1.2.1 (ConformalLM.calibrate_configs, alpha .05, one configuration a cut, the loss of a positive being
that it lies below) takes of the cuts -2, -1.9 ... 2 on `positives()`, by the share that may be missed."""
TORCHCP_QUANTILES = {0.1: -0.67, 0.2: 0.07, 0.3: 0.49}
"""What its calculate_conformal_value gives for the negated scores, negated again."""


def positives() -> np.ndarray:
    """80 scores with ties."""
    return np.round(np.random.default_rng(3).normal(1.0, 1.0, 80), 2)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("trials", [1, 7, 29, 200])
def test_the_tail_is_scipys_and_its_bounds_follow(trials: int, share: float) -> None:
    failures = np.arange(trials + 1)
    expected = binom.cdf(failures, trials, share)
    np.testing.assert_allclose(binomial_tail(failures, trials, share), expected, rtol=1e-9)
    for risk in (0.05, 0.2, 1e-4):
        assert most_failures(trials, share, risk) == np.count_nonzero(expected <= risk) - 1
    fewest = fewest_trials(share, 0.05)
    assert binom.cdf(0, fewest, share) <= 0.05 < binom.cdf(0, fewest - 1, share)


@pytest.mark.parametrize(("failures", "trials"), [(0, 5), (3, 20), (20, 20)])
def test_limits_are_clopper_and_pearsons(failures: int, trials: int) -> None:
    ends = binomtest(failures, trials).proportion_ci(0.95, method="exact")
    assert lower_limit(failures, trials, 0.025) == pytest.approx(ends.low, abs=1e-9)
    assert upper_limit(failures, trials, 0.025) == pytest.approx(ends.high, abs=1e-9)
    assert np.isnan([lower_limit(0, 0, 0.05), upper_limit(0, 0, 0.05)]).all()


def test_p_values_are_mapies() -> None:
    n, failures = 80, np.arange(81)
    theirs = compute_hoeffding_bentkus_p_value(failures / n, n, 0.1, binary=True)[:, 0]
    np.testing.assert_allclose(binomial_tail(failures, n, 0.1), theirs, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_many_cuts_are_tested_as_mapie_tests_them(seed: int) -> None:
    p_values = np.sort(np.random.default_rng(seed).random(40) ** 3)
    if seed % 2:
        np.random.default_rng(seed).shuffle(p_values[3:])
    for ours, theirs in (("bonferroni", "bonferroni"), ("fixed-sequence", "fixed_sequence")):
        expected = control_fwer(p_values, 0.1, theirs)
        assert learn_then_test(p_values, 0.1, ours).tolist() == expected.tolist()
    assert learn_then_test(np.array([]), 0.1, "bonferroni").size == 0


@pytest.mark.parametrize("allowed", TORCHCP_CUTS)
def test_a_fixed_sequence_of_cuts_is_torchcps(allowed: float) -> None:
    cuts = np.round(np.linspace(-2, 2, 41), 2)
    missed = np.array([np.count_nonzero(positives() < cut - 1e-9) for cut in cuts])
    shown = learn_then_test(binomial_tail(missed, 80, allowed), 0.05, "fixed-sequence")
    assert cuts[shown[-1]] == pytest.approx(TORCHCP_CUTS[allowed])


@pytest.mark.parametrize("level", TORCHCP_QUANTILES)
def test_conformal_risk_is_mapies_and_torchcps(level: float) -> None:
    cuts = np.unique(positives())
    losses = (positives()[:, None] < cuts[None, :]).astype(float)
    chosen = conformal_risk(losses.mean(axis=0), 80, 1.0, level)
    assert cuts[chosen] == pytest.approx(TORCHCP_QUANTILES[level])
    _, bounds = get_r_hat_plus(losses, cuts, "crc", None, None, None)
    assert find_best_predict_param(cuts, bounds - 1e-9, np.array([level]))[0] == cuts[chosen]


def test_no_cut_is_given_where_even_the_most_careful_is_too_bold() -> None:
    assert conformal_risk(np.array([0.0, 0.5]), 10, 1.0, 0.05) == -1
