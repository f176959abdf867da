"""What can be wrong with the tables of a study: columns, ids, splits, patients, labels, rows that do not join."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import StudyError
from core.findings import SPLITS
from core.study.folder import AGAIN
from core.study.tables import IMAGE_COLUMNS, to_frame


def column_problems(path: Path, table: pa.Table, expected: dict[str, pa.DataType]) -> Iterator[StudyError]:
    """Find columns that are missing, twice there, or of another type."""
    names = table.schema.names
    missing = [name for name in expected if name not in names]
    if missing:
        yield StudyError(f"{path}: has no column {_listed(missing)}.", remedy=AGAIN)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield StudyError(f"{path}: has more than one column {_listed(twice)}.", remedy=AGAIN)
    for name in expected:
        if names.count(name) == 1 and table.schema.field(name).type != expected[name]:
            found = table.schema.field(name).type
            yield StudyError(f"{path}: {name} holds {found}; the format asks for {expected[name]}.", remedy=AGAIN)


def image_problems(path: Path, table: pa.Table) -> Iterator[StudyError]:
    """Find what is wrong with images.parquet: columns, ids, splits, patients, sizes."""
    wrong_columns = list(column_problems(path, table, IMAGE_COLUMNS))
    if wrong_columns:
        yield from wrong_columns
        return
    if table.num_rows == 0:
        yield StudyError(f"{path}: has no row.", remedy=AGAIN)
    frame = to_frame(table)
    yield from id_problems(str(path), frame["image_id"])
    for column in ("patient_id", "split"):
        if frame[column].isna().any():
            image = frame["image_id"][frame[column].isna()].iloc[0]
            yield StudyError(f"{path}: {column} of image {image!r} is empty.", remedy=AGAIN)
    yield from split_problems(str(path), frame)
    for column in ("height_px", "width_px"):
        if (frame[column] < 1).any():
            yield StudyError(f"{path}: {column} must be positive.", remedy=AGAIN)


def id_problems(where: str, ids: pd.Series, remedy: str = AGAIN) -> Iterator[StudyError]:
    """Find ids that are empty, and ids that stand there twice."""
    n_empty = int((ids.isna() | (ids == "")).sum())
    if n_empty:
        yield StudyError(f"{where}: rows without an image_id: {n_empty}.", remedy=remedy)
    twice = ids[ids.duplicated() & ids.notna()].unique().tolist()
    if twice:
        yield StudyError(f"{where}: {counted(twice, 'image_id', 'image_ids')} in more than one row.", remedy=remedy)


def split_problems(where: str, frame: pd.DataFrame, remedy: str = AGAIN) -> Iterator[StudyError]:
    """Find splits that are none, and patients that are in more than one, which would let a model see its test films."""
    unknown = sorted({str(split) for split in frame["split"].dropna().unique()} - set(SPLITS))
    if unknown:
        yield StudyError(f"{where}: split {unknown[0]!r} is none of {', '.join(SPLITS)}.", remedy=remedy)
    pairs = frame[["patient_id", "split"]].drop_duplicates()
    apart = pairs["patient_id"][pairs["patient_id"].duplicated() & pairs["patient_id"].notna()].unique().tolist()
    if apart:
        splits = " and ".join(pairs["split"][pairs["patient_id"] == apart[0]].map(str))
        yield StudyError(
            f"{where}: {counted(apart, 'patient', 'patients')} in more than one split ({apart[0]!r}: {splits}).",
            remedy="Put all films of a patient into one split." if remedy != AGAIN else remedy,
        )


def label_problems(path: Path, table: pa.Table, classes: Sequence[str], ids: pa.ChunkedArray) -> Iterator[StudyError]:
    """Find what is wrong with labels.parquet: columns, rows that are not those of images.parquet, values.

    ids : of the films, as images.parquet holds them.
    """
    expected = {"image_id": pa.string(), **dict.fromkeys(classes, pa.int8())}
    wrong_columns = list(column_problems(path, table, expected))
    if wrong_columns:
        yield from wrong_columns
        return
    extra = [name for name in table.schema.names if name not in expected]
    if extra:
        yield StudyError(f"{path}: has a column {_listed(extra)}, which is not a class of the study.", remedy=AGAIN)
    if not table.column("image_id").equals(ids):
        yield from _row_problems(path, table.column("image_id").to_pylist(), ids.to_pylist())
    for finding in classes:
        column = table.column(finding)
        ends = pc.min_max(column).as_py()
        if ends["min"] is not None and not 0 <= ends["min"] <= ends["max"] <= 1:
            row = int(np.argmax(~np.isin(column.fill_null(0).to_numpy(), (0, 1))))
            value, image = column[row].as_py(), table.column("image_id")[row].as_py()
            yield StudyError(f"{path}: {finding} of {image!r} is {value}; a label is 0, 1 or empty.", remedy=AGAIN)


def counted(names: Sequence[str], singular: str, plural: str, *, first: int = 3) -> str:
    """Say how many, and the first few by name: "2 image_ids ('a', 'b') are"."""
    shown = ", ".join(repr(name) for name in names[:first]) + (", ..." if len(names) > first else "")
    return f"{len(names):,} {singular if len(names) == 1 else plural} ({shown}) {'is' if len(names) == 1 else 'are'}"


def _row_problems(path: Path, found: list[str | None], ids: Sequence[str]) -> Iterator[StudyError]:
    known, there = set(ids), set(found)
    missing = [image for image in ids if image not in there]
    extra = [str(image) for image in found if image not in known]
    if missing:
        yield StudyError(f"{path}: {counted(missing, 'image', 'images')} missing from its rows.", remedy=AGAIN)
    if extra:
        yield StudyError(f"{path}: {counted(extra, 'image', 'images')} not in images.parquet.", remedy=AGAIN)
    if not missing and not extra and len(found) != len(ids):
        yield StudyError(f"{path}: has {len(found):,} rows; images.parquet has {len(ids):,}.", remedy=AGAIN)
    elif not missing and not extra:
        row = next(row for row, (one, other) in enumerate(zip(found, ids, strict=False)) if one != other)
        yield StudyError(
            f"{path}: its rows are not in the order of images.parquet; row {row} is {found[row]!r}, "
            f"{ids[row]!r} was expected.",
            remedy=AGAIN,
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names[:5]) + (", ..." if len(names) > 5 else "")
