"""Bradley-Terry strengths against `choix` and `scipy`, and what a number of votes can tell, by simulation."""

from __future__ import annotations

import math

import choix
import numpy as np
import pytest
from scipy.optimize import minimize

from core.metrics.bradley_terry import log_strengths, smallest_ratio


def _random_wins(k: int, n: int, seed: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    rng, truth = np.random.default_rng(seed), np.linspace(0, 1.5, k)
    pairs = []
    for _ in range(n):
        one, other = rng.choice(k, 2, replace=False)
        prefers = rng.random() < 1 / (1 + math.exp(truth[other] - truth[one]))
        pairs.append((int(one), int(other)) if prefers else (int(other), int(one)))
    wins = np.zeros((k, k))
    np.add.at(wins, tuple(np.array(pairs).T), 1)
    return wins, pairs


@pytest.mark.parametrize(("k", "n"), [(2, 12), (4, 60), (8, 400)])
def test_strengths_are_those_of_choix(k: int, n: int) -> None:
    wins, pairs = _random_wins(k, n, seed=k)
    expected = choix.opt_pairwise(k, pairs, alpha=0.0, method="BFGS", tol=1e-10)
    np.testing.assert_allclose(log_strengths(wins), expected - expected.mean(), atol=1e-5)


def test_draws_with_an_average_one_are_as_scipy_finds_them() -> None:
    wins, _ = _random_wins(5, 30, seed=3)
    wins[0] = 0  # never preferred: without draws there is no maximum
    wins[0, 1] = 0.5
    wins[1, 0] += 0.5

    def loss(logs: np.ndarray) -> float:
        differences = logs[:, None] - logs[None, :]
        alone = np.log1p(np.exp(-logs)) + np.log1p(np.exp(logs))
        return float((wins * np.log1p(np.exp(-differences))).sum() + 0.5 * 2.0 * alone.sum())

    expected = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-9}).x
    np.testing.assert_allclose(log_strengths(wins, draws=2.0), expected, atol=1e-5)


def test_several_at_once_are_as_one_by_one_and_no_maximum_is_undefined() -> None:
    first, _ = _random_wins(3, 40, seed=1)
    won_all = np.array([[0, 4, 4], [0, 0, 2], [0, 2, 0.0]])
    apart = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0.0]])
    found = log_strengths(np.stack([first, won_all, apart]))
    np.testing.assert_allclose(found[0], log_strengths(first))
    assert np.isnan(found[1:]).all()
    bounded = log_strengths(won_all, draws=1.0)
    assert np.isfinite(bounded).all()
    assert bounded[0] > 1 > abs(bounded[1])


def test_nearly_separated_votes_still_have_their_maximum() -> None:
    wins = np.array([[0.0, 999.0], [1.0, 0.0]])
    assert np.exp(np.diff(log_strengths(wins))[0]) == pytest.approx(1 / 999)


@pytest.mark.parametrize(("votes", "k"), [(45, 2), (45, 4), (150, 2)])
def test_the_smallest_ratio_is_told_in_four_of_five_studies(votes: int, k: int) -> None:
    """Two among contenders of strength 1: the square roots of the ratio and of its inverse, by Wald's test."""
    ratio = smallest_ratio(votes, k)
    truth = np.zeros(k)
    truth[:2] = math.log(ratio) / 2, -math.log(ratio) / 2
    rng, n = np.random.default_rng(0), 2000
    chances = 1 / (1 + np.exp(truth[None, :] - truth[:, None]))
    upper = np.triu(rng.binomial(votes, chances, (n, k, k)), 1)
    wins = upper + np.tril(np.swapaxes(votes - upper, 1, 2), -1)
    logs = log_strengths(wins.astype(float), draws=1e-6)
    spread = math.sqrt(2 / k / votes) * 2
    told = ((logs[:, 0] - logs[:, 1]) / spread > 1.96).mean()
    assert told == pytest.approx(0.8, abs=0.06)


def test_few_votes_tell_nothing_and_more_tell_less_apart() -> None:
    assert smallest_ratio(0, 2) == smallest_ratio(3, 2) == math.inf
    assert smallest_ratio(15, 2) > smallest_ratio(15, 4) > smallest_ratio(45, 4) > 1
