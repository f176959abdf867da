"""VinBigData's competition: `train.csv`, one row for every finding that one of a film's three readers marked.

A reader who found nothing has the row "No finding"; what a reader of a film does not mark, they say is absent.
Source: Nguyen et al., Scientific Data 2022 (VinDr-CXR); the competition's description of its data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.base import canvas
from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.codes import RADIOLOGISTS, Said, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.tables import read_columns
from core.errors import DatasetError
from core.findings import NO_FINDING
from core.intake.masks import known_sizes
from core.labels.convention import Convention
from core.labels.readings import NEGATIVE, POSITIVE, Int8Array

NO_PATIENTS: Final = "Its makers name no patients: every film counts as a patient of its own."
NOTHING: Final = "No finding"
_CORNERS: Final = ("x_min", "y_min", "x_max", "y_max")

recognise = have("image_id", "class_name", "class_id", "rad_id", "x_min")
is_boxes = have("image_id", "class_name", "rad_id", *_CORNERS)


def read(tables: FoundTables) -> CollectionTable | None:
    """Read every reader's word on every film that they read."""
    path = tables.only(tables.like(recognise), "tables of VinBigData")
    if path is None:
        return None
    frame = read_columns(path, ("image_id", "class_name", "rad_id"))
    names = frame["class_name"].str.strip().replace(NOTHING, NO_FINDING)
    classes = [*sorted(set(names) - {NO_FINDING}), NO_FINDING]
    pairs = pd.MultiIndex.from_frame(frame[["image_id", "rad_id"]])
    places, readings = pd.factorize(pairs)
    codes: Int8Array = np.full((len(readings), len(classes)), NEGATIVE, dtype=np.int8)
    codes[places, pd.Index(classes).get_indexer(pd.Index(names))] = POSITIVE
    rows, films = pd.factorize(readings.get_level_values(0))
    images = films_alone(films)
    said = [Said(RADIOLOGISTS, rows, codes, readings.get_level_values(1).tolist())]
    return CollectionTable(images, readings_of(classes, said), (path,), "", (NO_PATIENTS,))


def films_alone(ids: Iterable[str]) -> pd.DataFrame:
    """Make the table of films that nothing but their ids is known of."""
    names = list(ids)
    images = pd.DataFrame({"image_id": names, "patient_id": names})
    return images.assign(split=pd.Series([None] * len(images), dtype="string"))


def mark_files(tables: FoundTables) -> tuple[Path, ...]:
    """Find the tables that have corners."""
    return tables.also(is_boxes)


def marks(paths: Sequence[Path], images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Read the readers' boxes; those of films whose size is not known, which the table does not tell, are left out."""
    sizes = known_sizes(images)
    return tuple(mark for path in paths for mark in _boxes(path, sizes))


def _boxes(path: Path, sizes: dict[str, tuple[int, int]]) -> list[Annotation]:
    frame = read_columns(path, ("image_id", "class_name", "rad_id", *_CORNERS))
    frame = frame[frame["image_id"].isin(list(sizes)) & (frame[_CORNERS[0]] != "")]
    corners = frame[list(_CORNERS)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    if np.isnan(corners).any():
        row = int(frame.index[int(np.isnan(corners).any(axis=1).argmax())])
        raise DatasetError(f"{path}: row {row + 1:,} is no box.", remedy="Use the table as it is published.")
    made = []
    names = zip(frame.index, frame["image_id"], frame["class_name"], frame["rad_id"], strict=True)
    for (row, name, finding, reader), (left, top, right, bottom) in zip(names, corners.tolist(), strict=True):
        film = canvas(f"{path}: row {int(row) + 1:,}", name, *sizes[name], reader)
        made.append(film.shape(finding, "box", [left, top, right - left, bottom - top]))
    return made


COLLECTION: Final = Collection(
    name="vinbig",
    title="VinBigData chest X-ray abnormalities detection",
    terms="The competition's rules (Kaggle): research and education, no commercial use, no sharing.",
    seen=True,
    convention=Convention(readers="majority"),
    recognise=recognise,
    read=read,
    mark_files=mark_files,
    marks=marks,
)
