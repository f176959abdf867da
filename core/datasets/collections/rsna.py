"""RSNA's pneumonia challenge: `stage_2_train_labels.csv`, a row for every box, or one without a box.

Target is 1 where an opacity that may be pneumonia was boxed. Source: Shih et al., Radiology: AI 2019; the challenge's
description of its data.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.rsna_boxes import FINDING, FORMAT
from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.codes import RADIOLOGISTS, READ_CODES, Said, codes_in, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.tables import read_columns
from core.datasets.collections.vinbig import NO_PATIENTS, films_alone
from core.errors import DatasetError
from core.labels.convention import Convention

recognise = have("patientId", "x", "y", "width", "height", "Target")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read the films of all rows, each once; DatasetError where two rows of a film contradict each other."""
    path = tables.only(tables.like(recognise), "tables of RSNA's challenge")
    if path is None:
        return None
    frame = read_columns(path, ("patientId", "Target"))
    films = frame.drop_duplicates().reset_index(drop=True).rename(columns={"Target": FINDING})
    if films["patientId"].duplicated().any():
        film = films["patientId"][films["patientId"].duplicated()].iloc[0]
        message = f"{path}: {film} has both Target 0 and Target 1."
        raise DatasetError(message, remedy="Use the table as it is published.")
    codes = codes_in(path, films, (FINDING,), READ_CODES)
    readings = readings_of((FINDING,), [Said(RADIOLOGISTS, np.arange(len(films)), codes, "RSNA")])
    united = len(frame) - len(films)
    notes = (NO_PATIENTS, *([f"Rows that are further boxes of a film: {united:,}."] if united else []))
    return CollectionTable(films_alone(films["patientId"]), readings, (path,), "", notes)


def mark_files(tables: FoundTables) -> tuple[Path, ...]:
    """Find the table of labels, which has the boxes too."""
    return tables.like(recognise)


def marks(paths: Sequence[Path], images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Read the boxes, in 1024 px."""
    return tuple(mark for path in paths for mark in FORMAT.read(path, "RSNA"))


COLLECTION: Final = Collection(
    name="rsna",
    title="RSNA Pneumonia Detection Challenge",
    terms="The challenge's rules (Kaggle, RSNA): no commercial use; films are NIH ChestX-ray14's.",
    seen=True,
    convention=Convention(),
    recognise=recognise,
    read=read,
    mark_files=mark_files,
    marks=marks,
)
