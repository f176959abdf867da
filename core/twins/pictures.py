"""Pictures of a pair: the twin with the region outlined, and the difference of grey values in two colours."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_erosion

from core.datasets.twins import FloatArray, UInt8Array
from core.geometry import BoolArray
from core.twins.pair import TwinPair

ENLARGED = 2
"""Pixels of a picture per pixel of a film, so that an outline covers little of it."""

MOST_GREY = 64.0
"""Difference of grey values that has the full colour."""

_SAME, _BRIGHTER, _DARKER = np.array([40, 44, 52]), np.array([240, 150, 40]), np.array([70, 150, 240])
_OUTLINE = np.array([240, 220, 60])


def film_picture(pixels: UInt8Array) -> UInt8Array:
    """Draw a film enlarged, (H, W) as (2 H, 2 W)."""
    return np.repeat(np.repeat(pixels, ENLARGED, axis=0), ENLARGED, axis=1)


def twin_picture(pair: TwinPair) -> UInt8Array:
    """Draw the twin, (2 H, 2 W, 3), with the region outlined where there is one."""
    return _outlined(np.repeat(film_picture(pair.twin.pixels)[..., None], 3, axis=2), pair.region)


def difference_picture(pair: TwinPair) -> UInt8Array | None:
    """Draw the difference, (2 H, 2 W, 3): orange where the twin is brighter, blue where it is darker; None where the
    films' sizes differ.
    """
    difference = pair.difference
    return None if difference is None else _outlined(film_colours(difference), pair.region)


def film_colours(difference: FloatArray) -> UInt8Array:
    """Colour a difference of grey values (H, W) as (2 H, 2 W, 3)."""
    share = np.clip(np.abs(difference) / MOST_GREY, 0, 1)[..., None]
    colour = np.where(difference[..., None] > 0, _BRIGHTER, _DARKER)
    mixed = np.rint(_SAME + (colour - _SAME) * share).astype(np.uint8)
    return np.repeat(np.repeat(mixed, ENLARGED, axis=0), ENLARGED, axis=1)


def _outlined(picture: UInt8Array, region: BoolArray | None) -> UInt8Array:
    if region is not None and region.any():
        large = np.repeat(np.repeat(region, ENLARGED, axis=0), ENLARGED, axis=1)
        picture[large & ~binary_erosion(large)] = _OUTLINE
    return picture
