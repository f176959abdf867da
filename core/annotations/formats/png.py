"""A mask in a PNG: black outside, one other value inside."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.annotations.annotation import MAX_PIXELS
from core.errors import PictureError, StudyError
from core.geometry import BoolArray
from core.pictures import Samples, read_samples


def png_mask(source: Path | bytes, where: str) -> BoolArray:
    """(H, W), True inside.

    Grey of any depth, colour where all channels are the same, or a palette of such colours; one value inside.
    where : named in errors.
    Raises StudyError where it is no PNG, is transparent or coloured, or has more than one value beside black.
    """
    try:
        picture = read_samples(source, max_pixels=MAX_PIXELS)
    except PictureError as error:
        raise StudyError(f"{where}: is not a whole PNG; it {error.message}.", remedy="Save the mask as PNG.") from error
    if picture.kind != "PNG":
        raise StudyError(f"{where}: is not a whole PNG; it is a {picture.kind}.", remedy="Save the mask as PNG.")
    pixels = _grey(picture, where)
    values = np.unique(pixels)
    if len(values) > 2 or (len(values) == 2 and values[0] != 0):
        message = f"{where}: has {len(values)} different values; a mask is black outside and has one value inside."
        raise StudyError(message, remedy="Save a mask of two values for every finding, without smoothed edges.")
    mask: BoolArray = pixels != 0
    return mask


def _grey(picture: Samples, where: str) -> np.ndarray:
    """(H, W) of a picture without colour or transparency."""
    colours = picture.colours if picture.colours.ndim == 3 else picture.colours[..., None]
    is_opaque = picture.alpha is None or (picture.alpha == np.iinfo(picture.alpha.dtype).max).all()
    if not is_opaque or (colours != colours[..., :1]).any():
        raise StudyError(f"{where}: is transparent or coloured.", remedy="Save the mask as a grey PNG.")
    grey: np.ndarray = colours[..., 0]
    return grey
