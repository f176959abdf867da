"""Small pictures of a study's films in one file: each is found by its film's row, and no film is opened for it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.files import written
from core.study import layout
from core.study.arrays import open_array

if TYPE_CHECKING:
    from core.study.read import Study

SIDE: Final = 176
"""Pixels of the longer side of a small picture."""


def small_picture(film: npt.NDArray[np.uint8]) -> bytes:
    """Encode a film (H, W) as a JPEG of at most SIDE pixels a side."""
    picture = Image.fromarray(film)
    picture.thumbnail((SIDE, SIDE))
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=82)
    return content.getvalue()


def pack(pictures: Iterable[Path | None], path: Path) -> npt.NDArray[np.int64]:
    """Write small pictures one after another into a file, which is there whole or not at all.

    pictures : by row of the study; None where there is none.
    Returns (n + 1,) where each begins; one that is not there ends where it begins.
    """
    begins = [0]
    with written(path) as scratch, scratch.open("wb") as file:
        for picture in pictures:
            begins.append(begins[-1] + (0 if picture is None else file.write(picture.read_bytes())))
    return np.asarray(begins, np.int64)


def packed_picture(study: Study, row: int) -> bytes | None:
    """Read the small picture of a film; None where the study holds none of it.

    Raises StudyError where the file is not what was written.
    """
    if not (study.has(layout.SMALL_PICTURES) and study.has(layout.SMALL_BEGINS)):
        return None
    begins = open_array(study.path(layout.SMALL_BEGINS))
    first, last = int(begins[row]), int(begins[row + 1])
    with study.path(layout.SMALL_PICTURES).open("rb") as file:
        file.seek(first)
        return file.read(last - first) or None
