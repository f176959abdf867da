"""Tables in text files, strictly: every row has the header's cells, and nothing about the file is guessed."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

import pandas as pd

from core.errors import CoreError, StudyError, printable
from core.files import reading

CSV_REMEDY: Final = "Save it as CSV in UTF-8, one line per row, with commas between the cells."
_MOST_BYTES: Final = 2_000_000_000
"""Of unpacked text; a table of 377,000 films and 40 columns has about 100 MB."""

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHERS: Final = (
    (b"PK\x03\x04", "an archive, such as a spreadsheet (.xlsx) is", "Save the sheet as CSV in UTF-8."),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet (.xls)", "Save the sheet as CSV in UTF-8."),
    (b"\x93NUMPY", "a NumPy array, which names no film", "Write a table whose first column is image_id."),
    (b"PAR1", "a Parquet table", "Give the file a name that ends in .parquet."),
)
"""First bytes, what begins so, and what to do with it."""


@dataclass(frozen=True, eq=False)
class TextTable:
    """A table of text.

    frame : the cells, blank = "", columns by name.
    lines : (n_rows,) where each row stands.

    is_ended : whether the last line ends as lines do; a file that was cut off may not.
    """

    frame: pd.DataFrame
    lines: Sequence[int]
    is_ended: bool

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the line and the cells by column of every row."""
        names = self.frame.columns.tolist()
        for line, cells in zip(self.lines, self.frame.itertuples(index=False, name=None), strict=True):
            yield line, dict(zip(names, cells, strict=True))


def read_text_table(
    path: Path, *, prose: bool = False, remedy: str = CSV_REMEDY, error: type[CoreError] = StudyError
) -> TextTable:
    """Read a table in a text file, with commas between the cells.

    UTF-8, or UTF-16 where the file begins with its mark; may be packed with gzip, or alone in a .csv.zip. Cells beyond
    the header's are passed over where they are blank.
    prose : whether cells are kept as they stand, and may go over several lines in quotes; else they are stripped.
    Raises `error`, with line, what was found and what was expected, for anything else.
    """
    with reading(path, "is not a CSV table", remedy=remedy, error=error):
        text = read_text(path, error)
        if "\0" in text:
            raise ValueError("it holds zero bytes, so it is no text in UTF-8")
        header, rows, lines = _rows(path, text, prose, error)
        frame = pd.DataFrame(rows, columns=pd.Index(header, dtype=object), dtype=object)
        return TextTable(frame, lines, text.endswith(("\n", "\r")))


def read_text(path: Path, error: type[CoreError]) -> str:
    """Read the text in a file, unpacked; `error` for what is no text. To be called under `reading`."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(content)) as packed:
            content = _bounded(cast("IO[bytes]", packed))
    elif path.name.lower().endswith(".csv.zip"):
        content = _alone_in(path)
    for signs, what, remedy in _OTHERS:
        if content.startswith(signs):
            raise error(f"{path}: is not a CSV table, but {what}.", remedy=remedy)
    if content.startswith(_UTF_16):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        message = f"{path}: line {line} is not text in UTF-8 (byte {content[problem.start]:02x})."
        remedy = 'Save the table in UTF-8 (in a spreadsheet: "CSV UTF-8"); which other encoding it has cannot be told.'
        raise error(message, remedy=remedy) from problem


def _alone_in(path: Path) -> bytes:
    """The one table in an archive."""
    with zipfile.ZipFile(path) as archive:
        tables = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        if len(tables) != 1:
            raise ValueError(f"the archive holds {len(tables)} tables, and one was expected")
        with archive.open(tables[0]) as packed:
            return _bounded(packed)


def _bounded(packed: IO[bytes]) -> bytes:
    content = packed.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"unpacked it has more than {_MOST_BYTES:,} bytes")
    return content


def _rows(path: Path, text: str, prose: bool, error: type[CoreError]) -> tuple[list[str], list[list[str]], list[int]]:
    """The header, the rows, and the line that each begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=not prose)
    header: list[str] | None = None
    rows: list[list[str]] = []
    lines: list[int] = []
    last = 0
    for row in reader:
        line, last = last + 1, reader.line_num
        if not row:
            continue
        if header is None:
            header = _header(path, [cell.strip() for cell in row], error)
            continue
        cells = row if prose else [cell.strip() for cell in row]
        if len(cells) > len(header) and not any(cells[len(header) :]):
            cells = cells[: len(header)]
        if len(cells) != len(header):
            raise _uneven(path, line, cells, header, error)
        if not prose and any("\n" in cell or "\r" in cell for cell in cells):
            message = f"{path}: line {line} holds a cell in quotes that goes on in the next line."
            raise error(message, remedy="Close the quotes, or take them out.")
        rows.append(cells)
        lines.append(line)
    if header is None:
        raise ValueError("it is empty")
    return header, rows, lines


def _header(path: Path, header: list[str], error: type[CoreError]) -> list[str]:
    """The header; an error where other signs than commas part its cells, or two columns have one name."""
    others = [what for sign, what in (("\t", "tabs"), (";", "semicolons")) if len(header) == 1 and sign in header[0]]
    if others:
        message = (
            f"{path}: begins with the columns {[printable(header[0], 80)]}: {others[0]}, not commas, part its cells."
        )
        raise error(message, remedy="Save it with commas between the cells, and points, not commas, in numbers.")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        message = f"{path}: has more than one column {twice[0]!r}."
        raise error(message, remedy="Give every column a name of its own.")
    return header


def _uneven(path: Path, line: int, cells: list[str], header: list[str], error: type[CoreError]) -> CoreError:
    """A row that is longer or shorter than the header: which cell is whose cannot be told."""
    found, expected = _cells(len(cells)), f"{len(header):,}"
    begins = printable(", ".join(cells[:3]), 80)
    return error(
        f"{path}: line {line} has {found}, and the header has {expected} (it begins with {begins!r}).",
        remedy="Give every row a cell for every column; leave a cell blank between its commas where nothing is known.",
    )


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number:,} cells"
