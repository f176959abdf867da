"""Films in PNG, JPEG and DICOM files: what they hold is told by their content, wherever a film is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import DatasetError, PictureError
from core.intake.dicom_beside import READERS
from core.intake.dicom_header import DicomHeader, is_dicom, read_header
from core.pictures import GreyPicture, UInt8Array, picture_size, read_grey_picture

REMEDY: Final = "Copy the film again from where it came from; or delete it, and it is left out and named."

_HEAD: Final = 132
"""Bytes at the beginning of a file that tell its kind."""


@dataclass(frozen=True)
class Film:
    """A film on disk, by its header alone.

    height_px, width_px : upright.  age (years), sex, view : where the header of a DICOM file says them, else None.
    """

    path: Path
    height_px: int
    width_px: int
    age: float | None = None
    sex: str | None = None
    view: str | None = None


def read_grey(path: Path) -> UInt8Array:
    """Read a film's 8-bit greys, (H, W), upright; as `read_picture`."""
    return read_picture(path).pixels


def read_picture(path: Path) -> GreyPicture:
    """Read a film's greys, and what was done to them; see `read_grey_picture` and `read_dicom`.

    Raises DatasetError, with the path, where the file is no film, is damaged or is cut off.
    """
    if is_dicom(head_of(path)):
        try:
            pixels, notes = READERS.read(path)
        except DatasetError as error:
            raise DatasetError(f"{path}: the film cannot be read. {error.message}", remedy=error.remedy) from error
        return GreyPicture("DICOM", pixels, said=notes)
    try:
        return read_grey_picture(path)
    except PictureError as error:
        raise DatasetError(f"{path}: the film cannot be read; it {error.message}.", remedy=REMEDY) from error


def read_film(path: Path) -> Film:
    """Read a film's size as it is shown, and what else its header says, without its pixels.

    Raises DatasetError, with the path, where the file is no film, or its header is damaged.
    """
    if is_dicom(head_of(path)):
        try:
            header: DicomHeader = read_header(path)
        except DatasetError as error:
            raise DatasetError(f"{path}: the film cannot be read. {error.message}", remedy=error.remedy) from error
        return Film(path, header.height_px, header.width_px, header.age, header.sex, header.view)
    try:
        return Film(path, *picture_size(path))
    except PictureError as error:
        raise DatasetError(f"{path}: the film cannot be read; it {error.message}.", remedy=REMEDY) from error


def head_of(path: Path) -> bytes:
    """Read the first bytes of a file; none where it is no regular file or cannot be read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError:
        return b""


def why_not(error: DatasetError, path: Path | None) -> str:
    """Say why a film could not be read, without where it lies: "it is cut off", or a sentence's end."""
    reason = error.message.removeprefix(f"{path}: ")
    for start in ("the film cannot be read; ", "the film cannot be read. "):
        reason = reason.removeprefix(start)
    return reason.rstrip(".")
