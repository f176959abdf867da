"""Films in PNG and JPEG files: their pixels, and whether a file was cut off, told without decoding it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from core.errors import DatasetError, PictureError
from core.pictures import PNG_SIGNATURE, GreyPicture, UInt8Array, read_grey_picture

REMEDY: Final = "Copy the film again from where it came from; or delete it, and it is left out and named."

_JPEG: Final = b"\xff\xd8"
_JPEG_END: Final = b"\xff\xd9"
_TAIL: Final = 1 << 16
"""Bytes at the end of a JPEG among which its end is looked for: some programs write more behind it."""


def read_grey(path: Path) -> UInt8Array:
    """Read a film's 8-bit greys, (H, W), upright; as `read_picture`."""
    return read_picture(path).pixels


def read_picture(path: Path) -> GreyPicture:
    """Read a film's greys, and what was done to them; see `read_grey_picture`.

    Raises DatasetError, with the path, where the file is no film, is damaged or is cut off.
    """
    try:
        return read_grey_picture(path)
    except PictureError as error:
        raise DatasetError(f"{path}: the film cannot be read; it {error.message}.", remedy=REMEDY) from error


def require_whole(paths: Iterable[Path]) -> None:
    """DatasetError, with how many there are and the first, where PNG or JPEG files are cut off or gone."""
    damaged = [path for path in paths if not is_whole(path)]
    if damaged:
        others = f", and {len(damaged) - 1:,} more: {_names(damaged[1:])}" if len(damaged) > 1 else ""
        raise DatasetError(f"{damaged[0]}: the film is cut off{others}.", remedy=REMEDY)


def is_whole(path: Path) -> bool:
    """Whether a PNG or JPEG reaches its own end; False where the file is neither, or is not there.

    What is wrong between its beginning and its end only decoding finds.
    """
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(len(PNG_SIGNATURE))
            if head == PNG_SIGNATURE:
                return _png_ends(file, path.stat().st_size)
            file.seek(max(0, path.stat().st_size - _TAIL))
            return head[:2] == _JPEG and _JPEG_END in file.read()
    except OSError:
        return False


def _png_ends(file: IO[bytes], n_bytes: int) -> bool:
    """Whether the chunks lead to IEND within the file. Source: PNG specification, 5.3."""
    while len(head := file.read(8)) == 8:
        end = file.seek(int.from_bytes(head[:4], "big") + 4, os.SEEK_CUR)
        if head[4:] == b"IEND" or end > n_bytes:
            return end <= n_bytes
    return False


def _names(paths: list[Path]) -> str:
    return ", ".join(path.name for path in paths[:3]) + (", ..." if len(paths) > 3 else "")
