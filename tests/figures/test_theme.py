"""One palette for everybody: it must be seen on light and on dark, and told apart by colour-blind eyes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from core.figures.theme import (
    BESIDE_STYLES,
    BLUE,
    GREY,
    ORANGE,
    OTHER_STYLES,
    PINK,
    TEAL,
    VIOLET,
    setting_style,
    unknown_settings,
)
from core.settings.registry import SETTINGS, names, usual
from core.settings.titles import encoder_title, setting_title

LIGHT, DARK = "#ffffff", "#0f151d"
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
"""Machado, Oliveira, Fernandes, IEEE TVCG 2009, severity 1; acts on linear RGB."""
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)


def linear(colour: str) -> np.ndarray:
    """Hex to linear RGB, 0..1."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio."""
    low, high = sorted(float(linear(colour) @ (0.2126, 0.7152, 0.0722)) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear RGB to CIE L*a*b*, D65."""
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.clip(matrix @ rgb / (0.95047, 1.0, 1.08883), 1e-4, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("ground", [LIGHT, DARK])
@pytest.mark.parametrize(
    "colour",
    [
        BLUE,
        GREY,
        ORANGE,
        PINK,
        TEAL,
        VIOLET,
        *(one.colour for one in (*OTHER_STYLES, *BESIDE_STYLES)),
        *(one.style.colour for one in SETTINGS),
    ],
)
def test_every_colour_is_seen_on_light_and_on_dark(colour: str, ground: str) -> None:
    assert contrast(colour, ground) >= 3.0


@pytest.mark.parametrize("vision", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["full", "deuteranopia", "protanopia"])
def test_what_every_build_makes_is_told_from_all_settings_by_colour_whatever_the_eyes(vision: np.ndarray) -> None:
    """Two of the others are told apart by dash and marker where their colours are near."""
    colours = {name: lab(np.clip(vision @ linear(setting_style(name).colour), 0, 1)) for name in names()}
    pairs = [pair for pair in combinations(names(), 2) if set(pair) & set(usual())]
    near = [pair for pair in pairs if np.linalg.norm(colours[pair[0]] - colours[pair[1]]) <= 15]
    assert not near


@pytest.mark.parametrize("vision", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["full", "deuteranopia", "protanopia"])
def test_the_usual_settings_of_several_models_are_told_apart_too(vision: np.ndarray) -> None:
    """The paper's three of one model, and the same of another."""
    beside = tuple(f"{name}.other" for name in names()[:3])
    styles = [*(setting_style(name) for name in names()[:3]), *(setting_style(name, beside) for name in beside)]
    colours = [lab(np.clip(vision @ linear(style.colour), 0, 1)) for style in styles]
    assert min(np.linalg.norm(one - other) for one, other in combinations(colours, 2)) > 15
    assert unknown_settings((*names(), *beside)) == beside


def test_no_two_settings_share_a_dash_or_a_marker() -> None:
    styles = [*(setting_style(name) for name in names()), *OTHER_STYLES, *BESIDE_STYLES]
    assert len({style.dash for style in styles}) == len({style.symbol for style in styles}) == len(styles)


PAPER = ("Zero-shot", "Linear probe", "Fine-tuning")


def test_settings_and_encoders_have_names_to_show() -> None:
    titles = [setting_title(name) for name in names()]
    assert [title for title in titles if title in PAPER] == list(PAPER)
    assert setting_title("dense_net") == "dense net"
    assert encoder_title("fine_tuned") == "Fine-tuned"
    assert unknown_settings(("zero_shot", "densenet")) == ("densenet",)
