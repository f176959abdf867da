"""A mask in a PNG: black outside, one other value inside."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from core.annotations.annotation import MAX_PIXELS
from core.errors import StudyError
from core.geometry import BoolArray

_GREY = ("1", "L", "I;16", "I")


def png_mask(source: Path | bytes, where: str) -> BoolArray:
    """(H, W), True inside.

    Grey of any depth, colour where all channels are the same, or a palette of such colours; one value inside.
    where : named in errors.
    Raises StudyError where it is no PNG, is transparent or coloured, or has more than one value beside black.
    """
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=("PNG",)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise StudyError(f"{where}: is larger than any film.", remedy="Correct the mask, or leave it out.")
            pixels = np.asarray(picture if picture.mode in _GREY else picture.convert("RGBA"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise StudyError(f"{where}: is not a whole PNG ({error}).", remedy="Save the mask as PNG again.") from error
    if pixels.ndim == 3:
        pixels = _grey(pixels, where)
    values = np.unique(pixels)
    if len(values) > 2 or (len(values) == 2 and values[0] != 0):
        message = f"{where}: has {len(values)} different values; a mask is black outside and has one value inside."
        raise StudyError(message, remedy="Save a mask of two values for every finding, without smoothed edges.")
    mask: BoolArray = pixels != 0
    return mask


def _grey(pixels: np.ndarray, where: str) -> np.ndarray:
    """(H, W) of an (H, W, 4) picture without colour."""
    if (pixels[:, :, 3] != 255).any() or (pixels[:, :, 1:3] != pixels[:, :, :1]).any():
        raise StudyError(f"{where}: is transparent or coloured.", remedy="Save the mask as a grey PNG.")
    grey: np.ndarray = pixels[:, :, 0]
    return grey
