"""Colour maps: even to the eye, ever lighter, and so for readers who do not tell red from green."""

from __future__ import annotations

import numpy as np
import pytest

from core.figures.colour_map import COLOUR_MAPS, ColourMap, oklab

DEFICIENCIES = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
"""On linear light. Source: Machado, Oliveira, Fernandes, IEEE TVCG 2009, severity 1."""


def _seen(table: np.ndarray, deficiency: str) -> np.ndarray:
    rgb = table / 255
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ DEFICIENCIES[deficiency].T
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("colours", COLOUR_MAPS, ids=lambda colours: colours.name)
def test_equal_steps_of_value_are_equal_steps_of_colour(colours: ColourMap) -> None:
    steps = np.linalg.norm(np.diff(oklab(colours.table() / 255)[::8], axis=0), axis=1)
    assert steps.min() > 0.85 * steps.mean()
    assert steps.max() < 1.15 * steps.mean()


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("colours", COLOUR_MAPS, ids=lambda colours: colours.name)
def test_more_is_lighter_however_colours_are_seen(colours: ColourMap, deficiency: str) -> None:
    lightness = oklab(_seen(colours.table(), deficiency))[::8, 0]
    assert (np.diff(lightness) > 0).all()
    assert lightness[-1] - lightness[0] > 0.55


def test_ends_are_the_named_colours() -> None:
    for colours in COLOUR_MAPS:
        for stop, row in ((colours.stops[0], 0), (colours.stops[-1], -1)):
            assert "#%02x%02x%02x" % tuple(colours.table()[row]) == stop  # noqa: UP031


def test_oklab_of_white_and_black() -> None:
    np.testing.assert_allclose(oklab(np.array([[1.0, 1, 1], [0, 0, 0]])), [[1, 0, 0], [0, 0, 0]], atol=1e-4)
