"""Effects and what they say, by hand and against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from core.claims.claim import Claim, Direction
from core.claims.effects import effects_of, joint_factor, percentiles, verdicts


def test_percentiles_are_numpys_with_undefined_ones_left_out() -> None:
    rows = np.random.default_rng(0).normal(size=(7, 200))
    rows[1, ::3] = np.nan
    rows[2] = np.nan
    low, high = percentiles(rows)
    for place in (0, 1, 3, 6):
        expected = np.nanquantile(rows[place], [0.025, 0.975])
        np.testing.assert_allclose([low[place], high[place]], expected, rtol=0, atol=1e-12)
    assert np.isnan([low[2], high[2]]).all()


@pytest.mark.parametrize(
    ("direction", "margin", "low", "high", "expected"),
    [
        ("above", 0.0, 0.1, 0.2, 1),
        ("above", 0.0, -0.1, 0.2, 0),
        ("above", 0.0, -0.2, -0.1, -1),
        ("above", 0.15, 0.1, 0.2, 0),
        ("below", 0.0, -0.2, -0.1, 1),
        ("below", 0.0, 0.1, 0.2, -1),
        ("near", 0.1, -0.05, 0.05, 1),
        ("near", 0.1, 0.1, 0.3, -1),
        ("near", 0.1, 0.05, 0.3, 0),
        ("apart", 0.1, 0.1, 0.3, 1),
        ("apart", 0.1, -0.05, 0.05, -1),
        ("above", 0.0, np.nan, np.nan, 0),
        ("near", 0.1, np.nan, np.nan, 0),
    ],
)
def test_verdicts(direction: Direction, margin: float, low: float, high: float, expected: int) -> None:
    claim = Claim("c", "C.", "", ("f1",), "a", "b", direction, margin)
    assert verdicts(claim, np.array([low]), np.array([high])).tolist() == [expected]


def _sides(rows: int = 1) -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(1)
    first = [np.r_[0.6, 0.6 + 0.05 * rng.normal(size=400)] for _ in range(rows)]
    return first, [np.r_[0.5, 0.5 + 0.05 * rng.normal(size=400)] for _ in range(rows)]


def test_the_interval_is_of_paired_differences() -> None:
    first, second = _sides()
    found = effects_of(first, second, np.array([50]), is_turned=[False], counts_films=[False])
    expected = np.quantile(first[0][1:] - second[0][1:], [0.025, 0.975])
    np.testing.assert_allclose([found.low[0], found.high[0]], expected, atol=1e-12)
    assert found.effect[0] == pytest.approx(0.1)


def test_a_turned_interval_lies_round_the_effect() -> None:
    first, second = _sides()
    plain, turned = (
        effects_of(first, second, np.array([50]), is_turned=[is_turned], counts_films=[False])
        for is_turned in (False, True)
    )
    assert turned.low[0] == pytest.approx(2 * plain.effect[0] - plain.high[0])
    assert turned.high[0] == pytest.approx(2 * plain.effect[0] - plain.low[0])


def test_few_positives_and_resamples_that_agree_have_no_interval() -> None:
    first, second = _sides(2)
    first[1][:], second[1][:] = 0.7, 0.2
    found = effects_of(first, second, np.array([4, 50]), is_turned=[False] * 2, counts_films=[False] * 2)
    assert np.isnan(found.low).all()
    assert np.isnan(found.high).all()


def test_a_share_without_a_hit_has_wilsons_interval_against_a_number() -> None:
    nothing, number = np.zeros(401), np.full(401, 0.01)
    found = effects_of([nothing], [number], np.array([573]), is_turned=[False], counts_films=[True])
    assert found.high[0] == pytest.approx(0.00666 - 0.01, abs=1e-5)
    assert found.low[0] == pytest.approx(-0.01)


def test_the_same_figure_is_near_itself() -> None:
    same = np.r_[0.6, np.linspace(0.5, 0.7, 400)]
    found = effects_of([same], [same], np.array([50]), is_turned=[True], counts_films=[False])
    assert (found.low[0], found.high[0]) == (0.0, 0.0)


def test_intervals_for_all_at_once_are_wider_the_more_there_are() -> None:
    factors = []
    for number in (1, 40):
        first, second = _sides(number)
        flags = [False] * number
        found = effects_of(first, second, np.full(number, 50), is_turned=flags, counts_films=flags)
        factors.append(joint_factor(found.peak))
    assert factors[0] == pytest.approx(1.96, abs=0.2)
    assert factors[1] > 2.8
