"""What can be wrong with readings.parquet, and with labels that are not what it comes to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.errors import StudyError
from core.geometry import FloatArray
from core.labels.readings import NOT_MENTIONED, POSITIVE
from core.study import layout
from core.study.folder import AGAIN
from core.study.manifest import MANIFEST
from core.study.table_checks import column_problems, counted
from core.study.tables import READING_COLUMNS, to_frame

if TYPE_CHECKING:
    from core.study.read import Study

_CODES = "a reading is 1, 0, -1 (uncertain), -2 (not mentioned) or empty"


def reading_problems(study: Study) -> Iterator[StudyError]:
    """Find what is wrong with a study's readings, if it has any: columns, films, codes, readers, and what they come to.

    The labels must be in order.
    """
    table, path = study.readings_table, study.root / layout.READINGS
    if table is None:
        if study.convention is not None:
            where = study.root / MANIFEST
            yield StudyError(f"{where}: names a convention, and the study has no {layout.READINGS}.", remedy=AGAIN)
        return
    if study.convention is None:
        yield StudyError(f"{path}: the manifest names no convention that its readings are read by.", remedy=AGAIN)
        return
    wrong = list(_table_problems(study, table))
    yield from wrong
    if wrong:
        return
    try:
        assert study.readings is not None
        made = study.readings.resolve(len(study.image_ids), study.convention)
    except StudyError as error:
        yield StudyError(f"{path}: {error.message}", remedy=AGAIN)
        return
    yield from _label_problems(study, made)


def _table_problems(study: Study, table: pa.Table) -> Iterator[StudyError]:
    """Columns, films that are not there, texts that are missing, codes that are none."""
    path, expected = study.root / layout.READINGS, {**READING_COLUMNS, **dict.fromkeys(study.classes, pa.int8())}
    wrong_columns = list(column_problems(path, table, expected))
    yield from wrong_columns
    extra = [name for name in table.schema.names if name not in expected]
    if extra:
        yield StudyError(f"{path}: has a column {extra[0]!r}, which is not a class of the study.", remedy=AGAIN)
    if wrong_columns or extra:
        return
    frame = to_frame(table)
    for name in READING_COLUMNS:
        if frame[name].isna().any():
            yield StudyError(f"{path}: {name} of row {int(np.argmax(frame[name].isna()))} is empty.", remedy=AGAIN)
    strange = sorted({str(image) for image in frame["image_id"]} - set(study.image_ids))
    if strange:
        yield StudyError(f"{path}: {counted(strange, 'image', 'images')} not in images.parquet.", remedy=AGAIN)
    for finding in study.classes:
        wrong = (frame[finding].notna() & ~frame[finding].between(NOT_MENTIONED, POSITIVE)).to_numpy(dtype=bool)
        if wrong.any():
            row = int(np.argmax(wrong))
            value, image = frame[finding].iloc[row], frame["image_id"].iloc[row]
            yield StudyError(f"{path}: {finding} of {image!r} is {value}; {_CODES}.", remedy=AGAIN)


def _label_problems(study: Study, made: FloatArray) -> Iterator[StudyError]:
    """The first label that is not what the readings come to, with how many there are."""
    stored = study.labels
    same = (stored == made) | (np.isnan(stored) & np.isnan(made))
    if not same.all():
        row, column = (int(index) for index in np.argwhere(~same)[0])
        found, expected = (_said(values[row, column]) for values in (stored, made))
        yield StudyError(
            f"{study.root / layout.LABELS}: {study.classes[column]} of {study.image_ids[row]!r} is {found}; what was "
            f"said of it comes to {expected} under the manifest's convention ({int((~same).sum()):,} in all).",
            remedy=AGAIN,
        )


def _said(value: float) -> str:
    return "empty" if np.isnan(value) else f"{value:.0f}"
