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

_INTEGERS = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
}


def read_table(path: Path) -> pa.Table:
    """A Parquet file; StudyError where it is not one."""
    with reading(path, "is not a whole Parquet table", remedy=AGAIN), pq.ParquetFile(path) as file:
        table = file.read()
        table.validate(full=True)  # texts that are no text, before anything comes upon them
        return table


def write_table(table: pa.Table, path: Path) -> None:
    """The same bytes for the same table, whatever frame it came from."""
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd")


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Columns as pandas holds them; whole numbers keep their kind beside missing values."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_INTEGERS.get)
    return frame


def label_values(table: pa.Table, classes: Sequence[str]) -> FloatArray:
    """(n, C) float64 of {0, 1, NaN}; NaN = nobody read the film for this finding. Read-only."""
    frame = to_frame(table.select(list(classes)))
    values: FloatArray = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    values.setflags(write=False)
    return values


def annotations_table(annotations: Sequence[Annotation]) -> pa.Table:
    """masks.parquet, one row an annotation, in order."""
    columns = {name: [vars(entry)[name] for entry in annotations] for name in MASK_COLUMNS}
    return pa.table(columns, schema=pa.schema(list(MASK_COLUMNS.items())))


def annotations_in(table: pa.Table) -> tuple[Annotation, ...]:
    """The annotations of masks.parquet, in its order."""
    return tuple(Annotation(**row) for row in table.select(list(MASK_COLUMNS)).to_pylist())
