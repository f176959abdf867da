"""Tables as JSON lines: one object a line, whose keys are the columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd

from core.errors import StudyError, printable
from core.files import json_in, reading
from core.text_tables import read_text

PACKED: Final = (".json.gz", ".jsonl.gz")
SUFFIXES: Final = (".json", ".jsonl", *PACKED)
_REMEDY: Final = 'Write one JSON object on every line, such as {"image_id": "a.png", "Edema": 1}.'


def read_json_lines(path: Path) -> pd.DataFrame:
    """Read a table of JSON lines, packed with gzip or not; a key that a line lacks, and null, are None.

    Cells are numbers, texts, or true and false. Raises StudyError, with the line, for anything else.
    """
    with reading(path, "is not a table of JSON lines", remedy=_REMEDY):
        lines = read_text(path, StudyError)[0].splitlines()
        rows = [_row(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
        if not rows:
            raise ValueError("it is empty")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in columns}
    return pd.DataFrame(cells, columns=pd.Index(columns, dtype=object))


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json_in(line)
    except ValueError:
        row = None
    if not isinstance(row, dict) or any(isinstance(cell, list | dict) for cell in row.values()):
        message = f"{path}: line {number} is no JSON object of plain cells (it begins with {printable(line, 60)!r})."
        raise StudyError(message, remedy=_REMEDY)
    return row
