"""RSNA's pneumonia challenge: `stage_2_train_labels.csv`, a row for every box, or one without a box.

Target is 1 where an opacity that may be pneumonia was boxed. Source: Shih et al., Radiology: AI 2019; the challenge's
description of its data.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from core.annotations.formats.rsna_boxes import FINDING, FORMAT
from core.datasets.collections.base import Collection, CollectionTable, have, marks_in_labels
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


_MARK_FILES, _MARKS = marks_in_labels(recognise, FORMAT, "RSNA")
COLLECTION: Final = Collection(
    name="rsna",
    title="RSNA Pneumonia Detection Challenge",
    terms="The challenge's rules (Kaggle, RSNA): no commercial use; films are NIH ChestX-ray14's.",
    seen=True,
    convention=Convention(),
    recognise=recognise,
    read=read,
    mark_files=_MARK_FILES,
    marks=_MARKS,
)
