"""A film that someone hands over as a file: PNG, JPEG or DICOM, told by its content and never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.errors import DatasetError, PictureError
from core.intake.dicom import read_dicom
from core.pictures import MAX_PIXELS, UInt8Array, picture_kind, read_grey_picture

MIN_SIDE: Final = 32
_GIVE_FILM: Final = "Give a PNG, JPEG or DICOM file of one chest film."
_SMALLER: Final = "Make it smaller first; a model sees a few hundred pixels per side."


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
    if kind := picture_kind(data):
        return _picture(data, kind)
    if data[128:132] == b"DICM":
        return _dicom(data)
    what = "The file is empty." if not data else "The file's content is neither a PNG, a JPEG nor a DICOM film."
    raise DatasetError(what, remedy=_GIVE_FILM)


def _picture(data: bytes, kind: str) -> UploadedFilm:
    try:
        picture = read_grey_picture(data)
    except PictureError as error:
        raise DatasetError(f"The {kind} {error.message}.", remedy=error.remedy) from error
    _check_size(*picture.pixels.shape)
    return UploadedFilm(picture.pixels, picture.kind, picture.notes)


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
