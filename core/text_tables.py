"""Tables in text files, strictly: every row has the header's cells, and nothing about the file is guessed.

What parts the cells is the one sign that parts the header; the encoding is UTF-8, or what the first bytes say.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

import pandas as pd

from core.errors import CoreError, StudyError, printable
from core.files import reading

CSV_REMEDY: Final = "Save it as CSV in UTF-8, one line per row, with commas between the cells."
SIGNS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""What may part the cells of a row."""
_MOST_BYTES: Final = 2_000_000_000
"""Of unpacked text; a table of 377,000 films and 40 columns has about 100 MB."""

_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""What a file of another encoding begins with, the longer marks first: one of UTF-32 begins as one of UTF-16 does."""
_COMMA_NUMBER: Final = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_POINT_NUMBER: Final = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")
_ARRAYS: Final = "Write its numbers as a table, with image_id first and a column for every class."
_OTHERS: Final = (
    (b"PK\x03\x04", b".npy", "a NumPy archive, which names no film", _ARRAYS),
    (b"PK\x03\x04", b"data.pkl", "what torch.save writes, which names no film", _ARRAYS),
    (b"PK\x03\x04", b"", "an archive, such as a spreadsheet (.xlsx) is", "Save the sheet as CSV in UTF-8."),
    (b"\xd0\xcf\x11\xe0", b"", "an old spreadsheet (.xls)", "Save the sheet as CSV in UTF-8."),
    (b"\x93NUMPY", b"", "a NumPy array, which names no film", _ARRAYS),
    (b"\x80", b".", "a pickle, which is not opened, for it can run a program", _ARRAYS),
    (b"PAR1", b"", "a Parquet table", "Give the file a name that ends in .parquet."),
)
"""First bytes, what is among the first thousand, what begins so, and what to do with it; the first that fits counts."""


@dataclass(frozen=True, eq=False)
class TextTable:
    """A table of text.

    frame : the cells, blank = "", columns by name.
    lines : (n_rows,) where each row stands.

    is_ended : whether the last line ends as lines do; a file that was cut off may not.
    notes : sentences on what the file was taken for, where it is not UTF-8 with commas.
    """

    frame: pd.DataFrame
    lines: Sequence[int]
    is_ended: bool
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the line and the cells by column of every row."""
        names = self.frame.columns.tolist()
        for line, cells in zip(self.lines, self.frame.itertuples(index=False, name=None), strict=True):
            yield line, dict(zip(names, cells, strict=True))


def read_text_table(
    path: Path, *, prose: bool = False, remedy: str = CSV_REMEDY, error: type[CoreError] = StudyError
) -> TextTable:
    """Read a table in a text file, with commas between the cells, or the one sign that parts its header: ; or tab.

    UTF-8, or UTF-16 or 32 where the file begins with its mark; may be packed with gzip, or alone in a .csv.zip. Cells
    beyond the header's are passed over where they are blank. Where no comma parts cells, numbers may have decimal
    commas.
    prose : whether cells are kept as they stand, and may go over several lines in quotes; else they are stripped.
    Raises `error`, with line, what was found and what was expected, for anything else.
    """
    with reading(path, "is not a CSV table", remedy=remedy, error=error):
        text, encoding = read_text(path, error)
        if "\0" in text:
            raise ValueError("it holds zero bytes, so it is no text in UTF-8")
        sign = _sign(path, text, error)
        header, rows, lines = _rows(path, text, sign, prose, error)
        notes = _taken_for(path, encoding, sign)
        if sign != "," and not prose and _has_decimal_commas(path, header, rows, error):
            rows = [[row[0], *map(_with_point, row[1:])] for row in rows]
            notes = (*notes, f"{path.name}: commas in its numbers were read as decimal points.")
        frame = pd.DataFrame(rows, columns=pd.Index(header, dtype=object), dtype=object)
        return TextTable(frame, lines, text.endswith(("\n", "\r")), notes)


def _taken_for(path: Path, encoding: str, sign: str) -> tuple[str, ...]:
    """What was not as it usually is."""
    encoded = f"{path.name}: is in {encoding.upper()}, as its first bytes say."
    parted = f"{path.name}: {SIGNS[sign]}, not commas, part its cells, as they part its header."
    return (*((encoded,) if encoding != "utf-8" else ()), *((parted,) if sign != "," else ()))


def _sign(path: Path, text: str, error: type[CoreError]) -> str:
    """What parts the cells: the one sign that parts the header, else a comma; an error where two signs may."""
    head = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    parted = {sign: next(csv.reader([head], delimiter=sign), []) for sign in SIGNS}
    parting = [sign for sign, cells in parted.items() if len(cells) > 1]
    if len(parting) > 1 and any(sign in cell for cell in parted[parting[0]][:1] for sign in parting[1:]):
        message = (
            f"{path}: begins with {printable(head.strip(), 80)!r}: {SIGNS[parting[0]]} and {SIGNS[parting[1]]} part it."
        )
        raise error(message, remedy="Save it with commas between the cells, and take them out of the names of columns.")
    return parting[0] if len(parting) == 1 else ","


def _has_decimal_commas(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], error: type[CoreError]
) -> bool:
    """Whether numbers have decimal commas; an error where it cannot be told from commas between thousands."""
    cells = [(name, cell) for row in rows for name, cell in zip(header[1:], row[1:], strict=True)]
    with_comma = [(name, cell) for name, cell in cells if _COMMA_NUMBER.fullmatch(cell)]
    if not with_comma:
        return False
    with_point = next((cell for _, cell in cells if _POINT_NUMBER.fullmatch(cell)), None)
    if with_point is None and not all(_THOUSANDS.fullmatch(cell) for _, cell in with_comma):
        return True
    name, cell = with_comma[0]
    why = f"beside {with_point!r}" if with_point else "which may be thousands"
    message = f"{path}: {name} holds {cell!r}, {why}: whether its comma is a decimal comma cannot be told."
    raise error(message, remedy="Write decimal points, and no commas, in all numbers.")


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if _COMMA_NUMBER.fullmatch(cell) else cell


def read_text(path: Path, error: type[CoreError]) -> tuple[str, str]:
    """Read the text in a file, unpacked, and its encoding; `error` for what is no text. To call under `reading`."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(content)) as packed:
            content = _bounded(cast("IO[bytes]", packed))
    elif path.name.lower().endswith(".csv.zip"):
        content = _alone_in(path)
    for signs, inside, what, remedy in _OTHERS:
        if content.startswith(signs) and inside in content[:1000]:
            raise error(f"{path}: is not a CSV table, but {what}.", remedy=remedy)
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding), encoding
    try:
        return content.decode("utf-8-sig"), "utf-8"
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


def _rows(
    path: Path, text: str, sign: str, prose: bool, error: type[CoreError]
) -> tuple[list[str], list[list[str]], list[int]]:
    """The header, the rows, and the line that each begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True, skipinitialspace=not prose)
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
    """The header; an error where two columns have one name."""
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
