"""PadChest-GR: 4,555 films whose reports are sentences with findings, and boxes around those that can be pointed at.

`grounded_reports_*.json` is a list of studies: ImageID, findings with abnormal, labels, boxes and extra_boxes
([x1, y1, x2, y2] in shares of the film; a second reader's are extra). `master_table.csv` has the patients and the
official split. Source: Castro et al., PadChest-GR, NEJM AI 2025; read from code that reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.base import canvas
from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.codes import RADIOLOGISTS, Said, codes_of_lists, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.tables import read_columns, read_objects
from core.errors import DatasetError
from core.intake.masks import known_sizes
from core.labels.convention import Convention

_SPLITS: Final = {"train": "train", "validation": "val", "val": "val", "test": "test"}
_BOX: Final = 4

recognise = have("StudyID", "ImageID", "findings")
_is_master = have("StudyID", "ImageID", "PatientID", "split")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read which findings the sentences of a report name, and patients and split from the master table."""
    path = tables.only(tables.like(recognise), "PadChest-GR's reports")
    if path is None:
        return None
    studies = read_objects(path)
    ids = pd.Series([str(study["ImageID"]) for study in studies], dtype="object")
    found = [[label for finding in _abnormal(study) for label in finding["labels"]] for study in studies]
    classes = sorted({name for names in found for name in names})
    if not classes:
        raise DatasetError(f"{path}: names no finding.", remedy="Use grounded_reports as it is published.")
    images = pd.DataFrame({"image_id": ids, "patient_id": [str(study["StudyID"]) for study in studies]})
    images["split"] = pd.Series([None] * len(images), dtype="string")
    master = tables.only(tables.also(_is_master), "master tables of PadChest-GR")
    notes: tuple[str, ...] = ("Who the patients are stands in master_table.csv; every study counts as a patient.",)
    if master is not None:
        frame = read_columns(master, ("ImageID", "PatientID", "split")).drop_duplicates("ImageID").set_index("ImageID")
        images["patient_id"] = ids.map(frame["PatientID"]).fillna(images["patient_id"])
        images["split"] = ids.map(frame["split"]).str.lower().map(_SPLITS).astype("string")
        notes = ()
    said = [Said(RADIOLOGISTS, np.arange(len(images)), codes_of_lists(found, classes), "PadChest-GR")]
    whose = "PadChest-GR's master_table.csv" if master is not None else ""
    return CollectionTable(images, readings_of(classes, said), (path, *((master,) if master else ())), whose, notes)


def mark_files(tables: FoundTables) -> tuple[Path, ...]:
    """Find the reports, which have the boxes too."""
    return tables.like(recognise)


def marks(paths: Sequence[Path], images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Make boxes in pixels of the films; films of unknown size have none."""
    sizes = known_sizes(images)
    made = []
    for path in paths:
        for study in read_objects(path):
            name = str(study["ImageID"])
            for finding in _abnormal(study) if name in sizes else ():
                made += _boxes(f"{path}: {name}", name, sizes[name], finding)
    return tuple(made)


def _abnormal(study: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings of a study that are some, each with its labels."""
    findings = study.get("findings") or []
    return [{**finding, "labels": finding.get("labels") or []} for finding in findings if finding.get("abnormal")]


def _boxes(where: str, name: str, size: tuple[int, int], finding: dict[str, Any]) -> list[Annotation]:
    height, width = size
    made = []
    for key, reader in (("boxes", "reader 1"), ("extra_boxes", "reader 2")):
        for box in finding.get(key) or []:
            if not (
                isinstance(box, list) and len(box) == _BOX and all(isinstance(value, int | float) for value in box)
            ):
                raise DatasetError(f"{where}: {box!r} is no box [x1, y1, x2, y2].", remedy="Fetch the reports again.")
            left, top, right, bottom = box
            shape = [left * width, top * height, (right - left) * width, (bottom - top) * height]
            film = canvas(where, name, height, width, reader)
            made += [film.shape(label, "box", shape) for label in finding["labels"]]
    return made


COLLECTION: Final = Collection(
    name="padchest-gr",
    title="PadChest-GR",
    terms="PadChest-GR Research Use Agreement (BIMCV): research alone, no sharing.",
    seen=False,
    convention=Convention(blank="negative"),
    recognise=recognise,
    read=read,
    mark_files=mark_files,
    marks=marks,
)
