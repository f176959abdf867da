"""NIH ChestX-ray14: `Data_Entry_2017.csv`, or its correction of 2020, with the official lists and boxes.

Findings stand in one cell, parted by "|". Source: Wang et al., CVPR 2017, and the collection's own read-me.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.nih_boxes import is_nih_boxes, read_nih_boxes
from core.datasets.collections.base import DIVIDED, Collection, CollectionTable, have
from core.datasets.collections.codes import REPORTS, Said, codes_of_lists, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.people import ages, sexes, views
from core.datasets.collections.tables import read_columns
from core.errors import DatasetError
from core.findings import NO_FINDING
from core.labels.convention import Convention

FINDINGS: Final = (
    "Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "Mass", "Nodule", "Pneumonia", "Pneumothorax",
    "Consolidation", "Edema", "Emphysema", "Fibrosis", "Pleural_Thickening", "Hernia", NO_FINDING,
)  # fmt: skip

_BOX_NAMES: Final = {"Infiltrate": "Infiltration"}
_LISTS: Final = (("train_val_list.txt", DIVIDED), ("test_list.txt", "test"))


def recognise(columns: Sequence[str]) -> str | None:
    """Tell NIH's table from that of Google's readers, which has its columns too."""
    return None if "Airspace opacity" in columns else have("Image Index", "Finding Labels")(columns)


def read(tables: FoundTables) -> CollectionTable | None:
    """Read the findings, the official lists where they lie there, and who the patients are."""
    path = tables.only(tables.like(recognise), "tables of ChestX-ray14")
    if path is None:
        return None
    frame = read_columns(
        path, ("Image Index", "Finding Labels"), optional=("Patient ID", "Patient Age", *_SEX, "View Position")
    )
    images, lists = images_of(frame), tuple(list_ for name, _ in _LISTS if (list_ := tables.named(name)))
    if lists:
        images["split"] = _official(lists, images["image_id"])
    codes = codes_of_lists(findings_of(path, frame["Finding Labels"]), FINDINGS)
    readings = readings_of(FINDINGS, [Said(REPORTS, np.arange(len(images)), codes, "NLP")])
    whose = f"NIH's {' and '.join(list_.name for list_ in lists)}" if lists else ""
    return CollectionTable(images, readings, (path, *lists), whose)


def images_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Make the table of films from NIH's columns; a patient's number is also what a film's name begins with."""
    ids = frame["Image Index"].str.strip()
    images = pd.DataFrame({"image_id": ids, "patient_id": ids.str.extract(r"^0*(\d+)_", expand=False).fillna(ids)})
    images["split"] = pd.Series([None] * len(images), dtype="string")
    for name, source, read_cells in (("view", "View Position", views), ("age", "Patient Age", ages)):
        if source in frame:
            images[name] = read_cells(frame[source])
    for source in _SEX:
        if source in frame:
            images["sex"] = sexes(frame[source])
    return images


def findings_of(path: Path, cells: pd.Series) -> list[list[str]]:
    """Split the cells of findings; DatasetError for a finding that is none of NIH's fifteen."""
    parted = {cell: [name.strip() for name in cell.split("|")] for cell in cells.unique()}
    for cell, names in parted.items():
        for name in names:
            if name not in FINDINGS:
                message = f"{path}: {name!r} in {cell!r} is no finding of ChestX-ray14."
                raise DatasetError(message, remedy="Use the table as NIH publishes it.")
    return [parted[cell] for cell in cells]


def mark_files(tables: FoundTables) -> tuple[Path, ...]:
    """Find the table of boxes."""
    return tuple(path for path in tables.beside if is_nih_boxes(path))


def marks(paths: Sequence[Path], images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Read the boxes, with the names that the labels have."""
    boxes = [box for path in paths for box in read_nih_boxes(path, "NIH radiologist")]
    return tuple(replace(box, finding=_BOX_NAMES.get(box.finding, box.finding)) for box in boxes)


def _official(lists: Sequence[Path], ids: pd.Series) -> pd.Series:
    splits: dict[str, str] = {}
    for path in lists:
        name = dict(_LISTS)[path.name.lower()]
        splits |= dict.fromkeys(path.read_text(encoding="utf-8").split(), name)
    return ids.map(splits).astype("string")


_SEX: Final = ("Patient Gender", "Patient Sex")

COLLECTION: Final = Collection(
    name="nih",
    title="NIH ChestX-ray14",
    terms="No restriction on use; attribution to the NIH Clinical Center.",
    seen=True,
    convention=Convention(blank="negative"),
    recognise=recognise,
    read=read,
    mark_files=mark_files,
    marks=marks,
)
