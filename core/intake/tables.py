"""Reading the tables of an import: CSV, Parquet or JSON lines, first column image_id, one column per class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.collections.tables import columns_of
from core.errors import StudyError, printable
from core.files import reading, require_file
from core.geometry import FloatArray
from core.intake.columns import IMAGE_ID, is_image_id, is_of_the_film, scores_alone, with_our_names
from core.intake.json_lines import PACKED, read_json_lines
from core.intake.json_lines import SUFFIXES as JSON_SUFFIXES
from core.study.arrays import finite_problems, range_problems
from core.study.table_checks import counted, id_problems
from core.study.tables import read_table
from core.text_tables import CSV_REMEDY, read_text_table

_BLANK_REMEDY = "Every film needs a number for every class: fill it in, or take the film out of all tables."
_VECTOR_REMEDY = "Every column but image_id must hold a number in every cell: take any other column out."
_COMMA_REMEDY = "Write decimal points, not commas."

_CELLS = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_decimal,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_null,
    lambda kind: pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type),
)
"""What a cell of a Parquet table may be."""

LAYOUT_REMEDY = (
    "The first column must be image_id (or Image Index, filename), and every other column must have a name of its own."
)


def read_scores(
    path: Path, image_ids: Sequence[str], classes: Sequence[str], kind: str
) -> tuple[FloatArray, tuple[str, ...]]:
    """Read (n, C) float32 or float64, in the order of `image_ids` and `classes`, and sentences on what was left out.

    Rows join by image_id in any order. A film without scores is an error; scores of films that have no labels, and
    columns that are no classes, are left out and named.
    """
    frame, cut = read_rows(path)
    require_ids(path, frame)
    frame, taken = scores_alone(path, frame, classes)
    _require_columns(path, frame, classes)
    known, rows = set(image_ids), {image: row for row, image in enumerate(frame["image_id"])}
    missing = [image for image in image_ids if image not in rows]
    if missing:
        example = f"; its image_ids look like {frame['image_id'].iloc[0]!r}" if len(missing) == len(known) else ""
        raise StudyError(
            f"{path}: {counted(missing, 'labelled film', 'labelled films')} missing{example}.",
            remedy="Give every labelled film its scores, or take it out of the label table.",
        )
    scores = _numbers(path, frame, classes)[[rows[image] for image in image_ids]]
    remedy = "Correct the value, or name what the scores are with --score-kind."
    for problem in (
        *finite_problems(path, scores, image_ids, classes, _BLANK_REMEDY),
        *range_problems(path, scores, kind, image_ids, classes, remedy),
    ):
        raise problem
    extra = [image for image in rows if image not in known]
    others = [name for name in frame.columns[1:] if name not in classes and not is_of_the_film(name)]
    rows_note = [
        f"{path.name}, read for scores: {counted(extra, 'row', 'rows')} left out, for the labels have no such film."
    ]
    columns = counted(others, "column", "columns")
    columns_note = [f"{path.name}, read for scores: {columns} left out, for the labels have no such class."]
    return scores, (*cut, *taken, *(rows_note if extra else ()), *(columns_note if others else ()))


def image_ids_in(path: Path) -> list[str]:
    """List the image_ids of a table, in row order."""
    return [str(image) for image in read_rows(path)[0]["image_id"]]


def read_vectors(path: Path, image_ids: Sequence[str]) -> tuple[FloatArray, tuple[str, ...]]:
    """Read (n, d) numbers in the order of `image_ids`, every column but the first a dimension, and sentences.

    Rows join by image_id in any order. StudyError for a film without a row and for what is no number.
    """
    frame, notes = read_rows(path)
    names = list(frame.columns[1:])
    if not names:
        raise StudyError(f"{path}: has no column of numbers.", remedy="Write one column for every dimension.")
    rows = {image: row for row, image in enumerate(frame["image_id"])}
    missing = [image for image in image_ids if image not in rows]
    if missing:
        message = f"{path}: {counted(missing, 'labelled film', 'labelled films')} missing."
        raise StudyError(message, remedy="Give every labelled film its row, or take it out of the label table.")
    taken = f"{path.name}: its {len(names):,} columns of numbers were taken as dimensions, its rows by image_id."
    return _numbers(path, frame, names, _VECTOR_REMEDY)[[rows[image] for image in image_ids]], (*notes, taken)


def read_new_scores(path: Path, classes: Sequence[str], kind: str) -> tuple[list[str], FloatArray, tuple[str, ...]]:
    """Read image_ids, (n, C) scores in the order of `classes`,
    and sentences on what was left out; rows as in the table.

    For films that no study holds. Raises StudyError for a class without scores and for what is not finite or not of
    the score kind.
    """
    image_ids = image_ids_in(path)
    scores, notes = read_scores(path, image_ids, classes, kind)
    return image_ids, scores, notes


def column_names(path: Path) -> list[str]:
    """Read the column names of a table alone, as they stand; [] where that needs more than a glance.

    What is wrong with such a table is said by reading it whole.
    """
    if not path.is_file() or path.name.lower().endswith(PACKED):
        return []
    if not path.name.lower().endswith(".parquet"):
        return list(columns_of(path))
    try:
        return [str(name) for name in pq.read_schema(path).names]
    except (pa.ArrowException, OSError):
        return []


def read_rows(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read a table whose first column is image_id, which is text then, and notes.

    `is_image_id` says under which other names it is taken. Cells of CSV files are all text, None where they are
    blank; those of others are what they are.
    Raises StudyError where the columns or the file are not in order; ids may still be empty, or stand there twice.
    """
    require_file(path)
    names = column_names(path)
    if len(names) > 1 and not is_image_id(names[0]):
        raise _other_layout(path, names)
    frame, notes = _frame(path)
    names = [str(name).strip() for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StudyError(f"{path}: has more than one column {twice[0]!r}.", remedy=LAYOUT_REMEDY)
    if not names or not is_image_id(names[0]) or "" in names:
        raise _other_layout(path, names)
    if frame.empty:
        raise StudyError(f"{path}: has no row.", remedy="A table has a header, then one row per film.")
    frame.columns = pd.Index(names)
    frame, taken = with_our_names(path, frame, (IMAGE_ID,))
    frame["image_id"] = [None if pd.isna(image) else str(image).strip() for image in frame["image_id"]]
    return frame, (*notes, *taken)


def require_ids(path: Path, frame: pd.DataFrame) -> None:
    """Raise StudyError where an image_id is empty, or stands there twice."""
    for problem in id_problems(str(path), frame["image_id"], "Give every film one row and an image_id of its own."):
        raise problem


def _other_layout(path: Path, names: Sequence[str]) -> StudyError:
    shown = [printable(name, 80) for name in names[:3]]
    remedy = LAYOUT_REMEDY if len(names) > 1 else f"{CSV_REMEDY} {LAYOUT_REMEDY}"
    return StudyError(f"{path}: begins with the columns {shown}.", remedy=remedy)


def _frame(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The cells, and notes."""
    name = path.name.lower()
    if name.endswith(".parquet"):
        return _read_parquet(path), ()
    return (read_json_lines(path), ()) if name.endswith(JSON_SUFFIXES) else _read_csv(path)


def _read_csv(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The cells, blank = None, and notes: what the file was taken for, and whether it may have been cut off."""
    table = read_text_table(path)
    note = f"{path.name}: its last line has no end, as in a file that was cut off; look whether its last row is whole."
    return table.frame.mask(table.frame == "", None), (*table.notes, *(() if table.is_ended else (note,)))


def _read_parquet(path: Path) -> pd.DataFrame:
    """The columns of a Parquet table; StudyError where one holds neither numbers nor text."""
    table = read_table(path)
    for column in table.schema:
        if not any(is_kind(column.type) for is_kind in _CELLS):
            message = f"{path}: the column {column.name!r} holds {column.type}; numbers or text belong there."
            raise StudyError(message, remedy="Write one number or one text in every cell, or take the column out.")
    with reading(path, "is not a whole Parquet table", remedy=LAYOUT_REMEDY):
        frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    return frame


def _require_columns(path: Path, frame: pd.DataFrame, classes: Sequence[str]) -> None:
    missing = [name for name in classes if name not in frame.columns]
    if missing:
        raise StudyError(
            f"{path}: {counted(missing, 'class column', 'class columns')} missing.",
            remedy="Add the scores of every class, or take the class out of the label table.",
        )


def _numbers(path: Path, frame: pd.DataFrame, classes: Sequence[str], remedy: str = _BLANK_REMEDY) -> FloatArray:
    """(rows, C), NaN where a cell is blank: float32 where that holds every number as it stands, float64 otherwise."""
    columns = []
    for name in classes:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        wrong = frame[name].notna() & numbers.isna() & (frame[name].map(str).str.lower() != "nan")
        if wrong.any():
            row = int(np.argmax(wrong))
            value = str(frame[name].iloc[row])
            message = f"{path}: {name} of {frame['image_id'].iloc[row]} is {value!r}, which is no number."
            raise StudyError(message, remedy=_COMMA_REMEDY if "," in value else remedy)
        columns.append(numbers.to_numpy(dtype=np.float64, na_value=np.nan))
    exact: FloatArray = np.column_stack(columns)
    with np.errstate(over="ignore"):
        scores: FloatArray = exact.astype(np.float32)
    return scores if np.array_equal(scores, exact, equal_nan=True) else exact
