"""A film that someone hands over as a file: PNG, JPEG or DICOM, told by its content and never by its name."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import DatasetError
from core.intake.dicom import read_dicom

UInt8Array = npt.NDArray[np.uint8]

MIN_SIDE: Final = 32
MAX_PIXELS: Final = 2**26
_GIVE_FILM: Final = "Give a PNG, JPEG or DICOM file of one chest film."
_SMALLER: Final = "Make it smaller first; a model sees a few hundred pixels a side."
_WHOLE: Final = "Copy the file again from where it came from, and check that it opens there."


@dataclass(frozen=True, eq=False)
class UploadedFilm:
    """A film of 8-bit greys. pixels : (H, W).  kind : "PNG", "JPEG" or "DICOM".

    notes : what was done to its greys, in sentences. Nothing else of the file is kept: no name, no header.
    """

    pixels: UInt8Array
    kind: str
    notes: tuple[str, ...] = ()


def read_upload(data: bytes, name: str = "") -> UploadedFilm:
    """The film in a file's bytes.

    name : not used to tell what the file is, and not kept; it may hold a patient's name.
    Raises DatasetError, in words without anything from a header, where it is no such file, is cut off, holds several
    pictures, or is too small or too large.
    """
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _picture(data, "PNG")
    if data[:3] == b"\xff\xd8\xff":
        return _picture(data, "JPEG")
    if data[128:132] == b"DICM":
        return _dicom(data)
    what = "The file is empty." if not data else "The file's content is neither a PNG, a JPEG nor a DICOM film."
    raise DatasetError(what, remedy=_GIVE_FILM)


def _picture(data: bytes, kind: str) -> UploadedFilm:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            _check_size(picture.height, picture.width)
            if getattr(picture, "n_frames", 1) > 1:
                raise DatasetError(f"The {kind} holds several pictures.", remedy=_GIVE_FILM)
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            return _grey(upright if kind == "JPEG" else picture.copy(), kind)
    except Image.DecompressionBombError as error:
        raise DatasetError(f"The {kind} has more than {MAX_PIXELS:,} pixels.", remedy=_SMALLER) from error
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise DatasetError(f"The {kind} is damaged or cut off.", remedy=_WHOLE) from error


def _grey(picture: Image.Image, kind: str) -> UploadedFilm:
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, dtype=np.float64)
        low, high = float(values.min()), float(values.max())
        shares = (values - low) / ((high - low) or 1.0)
        note = f"Greys of more than 8 bits: {low:g} is shown black and {high:g} white."
        return UploadedFilm(np.round(255 * shares).astype(np.uint8), kind, (note,))
    colours = np.asarray(picture.convert("RGB"))
    is_grey = bool((colours == colours[..., :1]).all())
    pixels = np.ascontiguousarray(colours[..., 0]) if is_grey else np.asarray(picture.convert("RGB").convert("L"))
    return UploadedFilm(pixels, kind, () if is_grey else ("A colour picture, turned to grey.",))


def _dicom(data: bytes) -> UploadedFilm:
    pixels, notes = read_dicom(data)
    _check_size(*pixels.shape)
    return UploadedFilm(pixels, "DICOM", notes)


def _check_size(height: int, width: int) -> None:
    if min(height, width) < MIN_SIDE:
        message = f"The film has {height} x {width} pixels; each side needs at least {MIN_SIDE}."
        raise DatasetError(message, remedy=_GIVE_FILM)
    if height * width > MAX_PIXELS:
        message = f"The film has {height} x {width} pixels, more than {MAX_PIXELS:,} in all."
        raise DatasetError(message, remedy=_SMALLER)
