"""Tables of collections, large ones in seconds: CSV, packed or not, and JSON lines, each cell as it stands."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

import pandas as pd

from core.errors import CoreError, DatasetError
from core.files import json_in, reading

SUFFIXES: Final = (".csv", ".csv.gz", ".csv.zip", ".json", ".jsonl", ".txt")
"""Endings of files that may be a table of a collection."""

_AS_PUBLISHED: Final = "Use the table as its makers publish it; where it was cut off, fetch it again."
_HEAD: Final = 1 << 20
_BLOCK: Final = 1 << 25
"""Bytes that a row may be long: reports stand in the tables too."""

_GZIP: Final = 31
"""What zlib calls the form that gzip writes."""

_KEY: Final = re.compile(r'"([^"\\]{1,80})"\s*:')
_MOST_UNPACKED: Final = 2_000_000_000


def is_table(name: str) -> bool:
    """Tell by its ending whether a file may be a table of a collection."""
    return name.lower().endswith(SUFFIXES)


def columns_of(path: Path) -> tuple[str, ...]:
    """Read the column names of a table as they stand; of JSON, the keys of its first object; () where it has none.

    The first line of a text without a header stands for them.
    """
    try:
        head, name = _head(path), path.name.lower()
        if name.endswith((".json", ".jsonl")):
            return _keys(head.decode("utf-8-sig", errors="replace"))
        first = head.splitlines()[0].decode("utf-8-sig") if head.strip() else ""
        return (first,) if name.endswith(".txt") else tuple(_cells(first))
    except (CoreError, OSError, EOFError, ValueError, RecursionError, zipfile.BadZipFile, zlib.error):
        return ()


def read_columns(path: Path, columns: Sequence[str] = (), *, optional: Sequence[str] = ()) -> pd.DataFrame:
    """Read columns of a CSV table as text, "" where a cell is blank; in the order asked for.

    columns : by their names without blanks around them; DatasetError where one is not there.
    optional : further columns, taken where they are there.
    May be packed: .gz, or .zip with one table in it. Raises DatasetError for what is no such table, uneven rows too.
    """
    from pyarrow import csv, string

    header = columns_of(path)
    plain = {name.strip(): name for name in header}
    missing = [name for name in columns if name not in plain]
    if missing:
        raise DatasetError(f"{path}: has no column {missing[0]!r}.", remedy=_AS_PUBLISHED)
    taken = [*columns, *(name for name in optional if name in plain)]
    with reading(path, "is not a whole CSV table", remedy=_AS_PUBLISHED, error=DatasetError), _opened(path) as stream:
        table = csv.read_csv(
            stream,
            read_options=csv.ReadOptions(block_size=_BLOCK),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                include_columns=[plain[name] for name in taken],
                column_types=dict.fromkeys(header, string()),
                strings_can_be_null=False,
            ),
        )
    return cast("pd.DataFrame", table.rename_columns(taken).to_pandas())


def read_lines(path: Path, texts: Sequence[str], numbers: Sequence[str]) -> pd.DataFrame:
    """Read JSON lines: one object a line, `texts` as text, `numbers` as float64, NaN for null; other keys passed over.

    Raises DatasetError for what is none, or lacks the first of `texts` in a line.
    """
    from pyarrow import float64, json, schema, string

    fields = [*((name, string()) for name in texts), *((name, float64()) for name in numbers)]
    with reading(path, "is not JSON with one object a line", remedy=_AS_PUBLISHED, error=DatasetError):
        options = json.ParseOptions(explicit_schema=schema(fields), unexpected_field_behavior="ignore")
        table = json.read_json(path, read_options=json.ReadOptions(block_size=_BLOCK), parse_options=options)
        frame = cast("pd.DataFrame", table.to_pandas())
        if frame[texts[0]].isna().any():
            raise ValueError(f"line {int(frame[texts[0]].isna().to_numpy().argmax()) + 1} has no {texts[0]}")
    return frame


def read_objects(path: Path) -> list[dict[str, Any]]:
    """Read the list of objects in a JSON file; DatasetError for what is none."""
    with reading(path, "is not a list of JSON objects", remedy=_AS_PUBLISHED, error=DatasetError):
        content = json_in(path.read_bytes())
        if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
            raise ValueError("it holds something else")
    return content


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a table, unpacked."""
    import gzip

    name = path.name.lower()
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            inner = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".csv")]
            if len(inner) != 1 or inner[0].file_size > _MOST_UNPACKED:
                raise DatasetError(f"{path}: holds {len(inner)} tables.", remedy="Unpack the one that is meant.")
            with archive.open(inner[0]) as stream:
                yield stream
    elif name.endswith(".gz"):
        with gzip.open(path, "rb") as packed:
            yield cast("IO[bytes]", packed)
    else:
        with path.open("rb") as plain:
            yield plain


def _head(path: Path) -> bytes:
    """How a table begins, unpacked; also of a packed one that was cut off."""
    if path.name.lower().endswith(".gz"):
        with path.open("rb") as file:
            return zlib.decompressobj(_GZIP).decompress(file.read(_HEAD), _HEAD)
    with _opened(path) as stream:
        return stream.read(_HEAD)


def _cells(line: str) -> list[str]:
    import csv

    return next(csv.reader(io.StringIO(line)), [])


def _keys(head: str) -> tuple[str, ...]:
    """Keys of the first object: of a list, of lines, or of an object itself where it is all."""
    start = head.find("{")
    if start < 0 or head[:start].strip() not in ("", "["):
        return ()
    try:
        content, _ = json.JSONDecoder().raw_decode(head[start:])
    except ValueError:  # longer than what was read, or cut off
        return tuple(dict.fromkeys(_KEY.findall(head)))
    return tuple(content) if isinstance(content, dict) else ()
