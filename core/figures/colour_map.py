"""Colour maps in which equal steps of value are equal steps of colour, as the eye sees them.

Each is a path through OKLab, walked at constant speed, that grows lighter all the way: a reader who confuses hues still
reads the order from the lightness. Source of the space: B. Ottosson, "A perceptual color space for image processing".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

N_STEPS: Final = 256
_TO_CONES: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


@dataclass(frozen=True)
class ColourMap:
    """A named path.

    stops : colours on the way, sRGB as #rrggbb, each lighter than the one before.
    """

    name: str
    title: str
    stops: tuple[str, ...]

    def table(self) -> npt.NDArray[np.uint8]:
        """Give (256, 3) sRGB, lowest value first, neighbours equally far apart in OKLab."""
        return _to_bytes(_even_path(oklab(np.array([_rgb(stop) for stop in self.stops]))))


COLOUR_MAPS: Final = (
    ColourMap("purple_yellow", "Purple to yellow", ("#2c0a59", "#8b2a7f", "#d9524e", "#f39b2d", "#fdf28b")),
    ColourMap("blue_yellow", "Blue to yellow", ("#0b2a5b", "#2f6690", "#5f9f8f", "#b3c75a", "#fbe96b")),
)
"""What can be chosen; the first is where the viewer begins."""


def oklab(rgb: FloatArray) -> FloatArray:
    """Compute (..., 3) lightness 0..1, green to red, blue to yellow, of sRGB (..., 3) in 0..1."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T)


def _srgb(lab: FloatArray) -> FloatArray:
    """The inverse of `oklab`; colours that a screen cannot show are cut off."""
    linear = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T
    linear = np.clip(linear, 0, 1)
    return np.asarray(np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def _even_path(stops: FloatArray) -> FloatArray:
    """(256, 3) points along the broken line through the stops, equally far apart."""
    reached = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(stops, axis=0), axis=1))])
    wanted = np.linspace(0, reached[-1], N_STEPS)
    return np.column_stack([np.interp(wanted, reached, stops[:, axis]) for axis in range(3)])


def _to_bytes(lab: FloatArray) -> npt.NDArray[np.uint8]:
    return np.round(255 * _srgb(lab)).astype(np.uint8)


def _rgb(text: str) -> tuple[float, ...]:
    return tuple(int(text[start : start + 2], 16) / 255 for start in (1, 3, 5))
