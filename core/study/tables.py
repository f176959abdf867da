"""The Parquet tables of a study: images, labels and masks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.annotations.annotation import Annotation
from core.files import reading
from core.geometry import FloatArray
from core.labels.readings import NOT_LOOKED_AT, Readings
from core.study.folder import AGAIN

IMAGE_COLUMNS = {
    "image_id": pa.string(),
    "patient_id": pa.string(),
    "split": pa.string(),
    "view": pa.string(),
    "height_px": pa.int32(),
    "width_px": pa.int32(),
    "file": pa.string(),
}
"""Columns that images.parquet always has; it may have more."""

MASK_COLUMNS = {
    "image_id": pa.string(),
    "finding": pa.string(),
    "reader": pa.string(),
    "kind": pa.string(),
    "height_px": pa.int32(),
    "width_px": pa.int32(),
    "geometry": pa.string(),
}

READING_COLUMNS = {"image_id": pa.string(), "source": pa.string(), "reader": pa.string()}
"""Columns that readings.parquet has before one int8 column a class."""

_INTEGERS = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
}


def read_table(path: Path) -> pa.Table:
    """Read a Parquet file; StudyError where it is not one."""
    with reading(path, "is not a whole Parquet table", remedy=AGAIN), pq.ParquetFile(path) as file:
        table = file.read()
        table.validate(full=True)  # texts that are no text, before anything comes upon them
        return table


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table as Parquet; the same table gives the same bytes, whatever frame it came from."""
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd")


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Give the columns as pandas holds them; whole numbers keep their kind beside missing values."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_INTEGERS.get)
    return frame


def label_values(table: pa.Table, classes: Sequence[str]) -> FloatArray:
    """Give the labels (n, C), float64 of {0, 1, NaN}; NaN = nobody read the film for this finding. Read-only."""
    frame = to_frame(table.select(list(classes)))
    values: FloatArray = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    values.setflags(write=False)
    return values


def readings_table(readings: Readings, image_ids: Sequence[str]) -> pa.Table:
    """Lay readings out as readings.parquet, one row per reading, in order; null where nobody looked.

    image_ids : of the study, by row.
    """
    ids = [image_ids[film] for film in readings.films.tolist()]
    texts = {"image_id": ids, "source": readings.sources.tolist(), "reader": readings.readers.tolist()}
    columns = {name: pa.array(texts[name], type=kind) for name, kind in READING_COLUMNS.items()}
    for finding, codes in zip(readings.classes, readings.codes.T, strict=True):
        columns[finding] = pa.array(codes, type=pa.int8(), mask=codes == NOT_LOOKED_AT)
    return pa.table(columns)


def readings_in(table: pa.Table, classes: Sequence[str], image_ids: Sequence[str]) -> Readings:
    """Read the readings of readings.parquet, in its order. StudyError where a film was read twice by one reader."""
    films = pd.Index(image_ids).get_indexer(pd.Index(table.column("image_id").to_pylist()))
    codes = [table.column(finding).fill_null(NOT_LOOKED_AT).to_numpy() for finding in classes]
    sources, readers = (np.array(table.column(name).to_pylist(), dtype=np.str_) for name in ("source", "reader"))
    together = np.column_stack(codes) if codes else np.zeros((len(films), 0))
    return Readings(tuple(classes), films.astype(np.int64), sources, readers, together.astype(np.int8))


def annotations_table(annotations: Sequence[Annotation]) -> pa.Table:
    """Lay annotations out as masks.parquet, one row per annotation, in order."""
    columns = {name: [vars(entry)[name] for entry in annotations] for name in MASK_COLUMNS}
    return pa.table(columns, schema=pa.schema(list(MASK_COLUMNS.items())))


def annotations_in(table: pa.Table) -> tuple[Annotation, ...]:
    """Read the annotations of masks.parquet, in its order."""
    return tuple(Annotation(**row) for row in table.select(list(MASK_COLUMNS)).to_pylist())
