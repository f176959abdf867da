"""Intervals of all pairs at once: by hand, of one pair, and how often they hold of a planted truth."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from core.metrics.simultaneous import simultaneous_differences, turned


def test_one_pair_is_the_difference_with_an_ordinary_interval() -> None:
    rng = np.random.default_rng(0)
    resampled = np.stack([rng.normal(0.6, 0.02, 4000), rng.normal(0.5, 0.02, 4000)], axis=1)
    (found,) = simultaneous_differences([0.6, 0.5], resampled, [50, 40]).values()
    spread = math.hypot(0.02, 0.02)
    assert found.value == pytest.approx(0.1)
    assert found.interval.low == pytest.approx(0.1 - 1.96 * spread, abs=0.003)
    assert found.interval.high == pytest.approx(0.1 + 1.96 * spread, abs=0.003)
    assert found.interval.n == 40
    assert found.is_clear


def test_more_settings_make_every_interval_wider_by_tukey_s_multiple() -> None:
    """Of independent figures of one spread, the multiple is that of the studentised range: 3.858 / sqrt(2) for five."""
    rng = np.random.default_rng(1)
    found = simultaneous_differences([0.5] * 5, rng.normal(0.5, 0.01, (20_000, 5)), [50] * 5)
    halves = [one.interval.high - one.value for one in found.values()]
    assert len(halves) == 10
    assert np.mean(halves) / (0.01 * math.sqrt(2)) == pytest.approx(3.858 / math.sqrt(2), abs=0.05)


def test_what_is_said_of_all_pairs_holds_of_all_of_them_in_95_of_100() -> None:
    """Five settings of the same true mean: in about 5 of 100 studies any pair is called different, not in 40."""
    rng = np.random.default_rng(2)
    wrong = 0
    for _ in range(200):
        films = rng.normal(0, 1, (60, 5))
        weights = rng.multinomial(60, np.full(60, 1 / 60), 300) / 60
        found = simultaneous_differences(list(films.mean(axis=0)), weights @ films, [60] * 5)
        wrong += any(one.is_clear for one in found.values())
    assert 2 <= wrong <= 22


def test_undefined_few_and_equal_figures_have_no_interval() -> None:
    rng = np.random.default_rng(3)
    resampled = rng.normal(0.5, 0.1, (100, 4))
    resampled[:, 1], resampled[:, 3] = np.nan, resampled[:, 0]
    found = simultaneous_differences([0.5, math.nan, 0.4, 0.5], resampled, [50, 50, 4, 50])
    assert math.isnan(found[0, 1].value)
    assert found[0, 3].value == 0
    assert not any(found[pair].interval.is_estimable for pair in combinations(range(4), 2))
    assert found[0, 2].interval.n == 4


def test_a_difference_can_be_turned() -> None:
    rng = np.random.default_rng(4)
    found = simultaneous_differences([0.9, 0.2], rng.normal(0.5, 0.1, (100, 2)), [50, 50])
    there, back = turned(found, 0, 1), turned(found, 1, 0)
    assert (back.value, back.interval.low, back.interval.high) == (
        -there.value,
        -there.interval.high,
        -there.interval.low,
    )
