"""Reading the label and score tables of an import: CSV or Parquet, first column image_id, one column per class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core.errors import StudyError
from core.files import reading, require_file
from core.geometry import FloatArray
from core.study.arrays import finite_problems, range_problems
from core.study.label_notes import one_case, one_spelling, unplaced
from core.study.table_checks import counted, id_problems, split_problems
from core.study.tables import read_table
from core.text_tables import CSV_REMEDY, read_text_table

METADATA = ("patient_id", "split", "view", "age", "sex")
"""Columns of a label table that are no classes."""

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

LAYOUT_REMEDY = "The first column must be image_id, and every other column must have a name of its own."


@dataclass(frozen=True, eq=False)
class LabelTable:
    """A label table, checked. Rows of both frames are the table's rows.

    images : image_id, patient_id, split, and view, age, sex where the table has them.
    labels : image_id and one column per class of {0, 1, missing}.
    notes : sentences on what the table lacks and what stands in for it.
    """

    path: Path
    images: pd.DataFrame
    labels: pd.DataFrame
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def image_ids(self) -> list[str]:
        """Give the ids, in row order."""
        ids: list[str] = self.images["image_id"].tolist()
        return ids

    @property
    def values(self) -> FloatArray:
        """Give (n, C) labels of {0, 1, NaN}, columns as `classes`."""
        return self.labels[list(self.classes)].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)


def read_labels(path: Path) -> LabelTable:
    """Read the label table in a file; StudyError names the first thing that is wrong with it."""
    frame, cut = _read(path)
    classes = tuple(name for name in frame.columns[1:] if name not in METADATA)
    if not classes or frame.empty:
        what = "no class column" if not classes else "no row"
        raise StudyError(f"{path}: has {what}.", remedy="A label table has one row per film and one column per class.")
    labels = pd.DataFrame({"image_id": frame["image_id"], **{name: _label(path, frame, name) for name in classes}})
    images, notes = _images(path, frame)
    return LabelTable(path, images, labels, classes, (*cut, *notes))


def read_scores(
    path: Path, image_ids: Sequence[str], classes: Sequence[str], kind: str
) -> tuple[FloatArray, tuple[str, ...]]:
    """Read (n, C) float32 or float64, in the order of `image_ids` and `classes`, and sentences on what was left out.

    Rows join by image_id in any order. A film without scores is an error; scores of films that have no labels, and
    columns that are no classes, are left out and named.
    """
    frame, cut = _read(path)
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
    others = [name for name in frame.columns[1:] if name not in classes]
    rows_note = [f"{path.name}: {counted(extra, 'row', 'rows')} left out, for the labels have no such film."]
    columns_note = [f"{path.name}: {counted(others, 'column', 'columns')} left out, for the labels have no such class."]
    return scores, (*cut, *(rows_note if extra else ()), *(columns_note if others else ()))


def read_vectors(path: Path, image_ids: Sequence[str]) -> tuple[FloatArray, tuple[str, ...]]:
    """Read (n, d) numbers in the order of `image_ids`, every column but the first a dimension, and sentences.

    Rows join by image_id in any order. StudyError for a film without a row and for what is no number.
    """
    frame, notes = _read(path)
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
    image_ids = [str(image) for image in _read(path)[0]["image_id"]]
    scores, notes = read_scores(path, image_ids, classes, kind)
    return image_ids, scores, notes


def _read(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A table with ids as text: cells of a CSV file are all text, those of Parquet are what they are. And notes."""
    require_file(path)
    frame, notes = (_read_parquet(path), ()) if path.suffix.lower() == ".parquet" else _read_csv(path)
    names = [str(name).strip() for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if names[:1] != ["image_id"] or "" in names or twice:
        found = f"has more than one column {twice[0]!r}" if twice else f"begins with the columns {names[:3]}"
        raise StudyError(
            f"{path}: {found}.", remedy=LAYOUT_REMEDY if len(names) > 1 else f"{CSV_REMEDY} {LAYOUT_REMEDY}"
        )
    if frame.empty:
        raise StudyError(f"{path}: has no row.", remedy="A table has a header, then one row per film.")
    frame.columns = pd.Index(names)
    frame["image_id"] = [None if pd.isna(image) else str(image).strip() for image in frame["image_id"]]
    for problem in id_problems(str(path), frame["image_id"], "Give every film one row and an image_id of its own."):
        raise problem
    return frame, notes


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


def _label(path: Path, frame: pd.DataFrame, name: str) -> pd.Series:
    """A class as nullable Int8; blank = nobody read the film for it."""
    numbers = pd.to_numeric(frame[name], errors="coerce")
    wrong = frame[name].notna() & ~numbers.isin((0, 1))
    if wrong.any():
        row = int(np.argmax(wrong))
        value, image = frame[name].iloc[row], frame["image_id"].iloc[row]
        raise StudyError(
            f"{path}: {name} of {image!r} is {value}; a label is 0, 1 or blank.",
            remedy=f"Write 0 or 1, leave the cell blank where nobody labelled the film for it, or take {name!r} out of "
            f"the table if it is no class.",
        )
    return numbers.astype("Float64").astype("Int8")


def _images(path: Path, frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The columns that are no classes, and sentences on those that are missing."""
    images = frame[["image_id", *(name for name in frame.columns if name in METADATA)]].copy()
    notes = []
    if "patient_id" not in images:
        images["patient_id"] = images["image_id"]
        notes.append("The labels name no patients: every film counts as a patient of its own.")
    if "split" not in images:
        images["split"] = "test"
        notes.append("The labels name no splits: all films count as test, so none are left to fit thresholds on.")
    for name in ("patient_id", "split"):
        empty = frame["image_id"][images[name].isna()].tolist()
        if empty:
            remedy = f"Fill {name} in for every film, or take the column out."
            raise StudyError(f"{path}: {counted(empty, 'film', 'films')} without {name}.", remedy=remedy)
    images["patient_id"] = images["patient_id"].map(str)
    images["split"] = images["split"].map(lambda split: str(split).strip().lower())
    for problem in split_problems(str(path), images, "Write train, val or test."):
        raise problem
    for name in ("view", "age", "sex"):
        if name in images:
            images[name] = _tidy(one_case(one_spelling(images[name]) if name == "sex" else images[name]))
    return images, (*notes, *unplaced(images))


def _tidy(column: pd.Series) -> pd.Series:
    """Numbers where all cells are numbers (whole ones where all are whole), text otherwise."""
    numbers = pd.to_numeric(column, errors="coerce").astype("Float64")
    if column.isna().all() or (numbers.isna() & column.notna()).any():
        return column.map(str, na_action="ignore").astype("string")
    return numbers.astype("Int64") if (numbers.dropna() % 1 == 0).all() else numbers


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
