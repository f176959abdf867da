"""Reading what the CSV formats share: the header that they are recognised by, and numbers in cells."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

from core.annotations.annotation import REMEDY
from core.errors import StudyError

_HEAD = 1024
_MOST_BYTES = 500_000_000


def first_line(path: Path) -> str:
    """Read the first line of a table, packed with gzip or not; "" where there is none."""
    if not path.is_file():
        return ""
    try:
        with _opened(path) as stream:
            return stream.readline(_HEAD).decode("utf-8-sig", errors="replace").strip()
    except (OSError, EOFError, zlib.error):
        return ""


def whole_text(path: Path) -> str:
    """Read a table's text, packed with gzip or not; raise what reading raises, and ValueError where it is not UTF-8."""
    with _opened(path) as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")
    return content.decode("utf-8-sig")


def has_columns(path: Path, *names: str) -> bool:
    """Tell whether a file begins with a header that has these columns, by their names without blanks around them."""
    there = {name.strip().strip('"') for name in first_line(path).split(",")}
    return there.issuperset(names)


def numbers_in(cells: Mapping[str, str], names: tuple[str, ...], where: str) -> list[float]:
    """Read numbers from the cells of a row. StudyError, beginning with `where`, for a cell that is none."""
    try:
        numbers = [float(cells[name]) for name in names]
    except ValueError:
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)):
        found = ", ".join(cells[name] for name in names)
        raise StudyError(f"{where}: {found!r} are not the numbers {', '.join(names)}.", remedy=REMEDY)
    return numbers


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_packed else path.open("rb")
