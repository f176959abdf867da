"""PadChest: one table of 160,861 films, each with a list of findings, labelled by physicians or by their network.

A finding counts where it stands in the list as a whole: "pseudonodule" is no nodule. Blanks around a name are none of
it. Source: Bustos et al., Medical Image Analysis 2020, and the table's own read-me.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.codes import REPORTS, Said, codes_of_lists, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.people import sexes, views
from core.datasets.collections.tables import read_columns
from core.errors import DatasetError
from core.labels.convention import Convention
from core.labels.readings import NOT_LOOKED_AT

SAY_NOTHING: Final = ("", "exclude", "suboptimal study", "unchanged")
"""Words of a list that name no finding; a film whose list holds no other was read for none."""

_NEEDED: Final = ("ImageID", "PatientID", "Labels", "MethodLabel")
_MORE: Final = ("ImageDir", "Projection", "PatientSex_DICOM", "PatientBirth", "StudyDate_DICOM")

recognise = have("ImageID", "ImageDir", "Labels", "MethodLabel")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read the findings of every film; its makers name no split."""
    path = tables.only(tables.like(recognise), "tables of PadChest")
    if path is None:
        return None
    frame = read_columns(path, _NEEDED, optional=_MORE)
    found = findings_of(path, frame["Labels"])
    classes = sorted({name for names in found for name in names})
    codes = codes_of_lists(found, classes)
    silent = np.array([not names for names in found], dtype=bool)
    codes[silent] = NOT_LOOKED_AT
    readers = frame["MethodLabel"].str.replace("RNN_model", "RNN").tolist()
    readings = readings_of(classes, [Said(REPORTS, np.arange(len(frame)), codes, readers)])
    nothing = ", ".join(word for word in SAY_NOTHING if word)
    notes = (
        f"Films without a finding in their list (blank, {nothing}), which count as unread: {int(silent.sum()):,}.",
    )
    return CollectionTable(_images(frame), readings, (path,), "", notes if silent.any() else ())


def findings_of(path: Path, cells: pd.Series) -> list[tuple[str, ...]]:
    """Read lists such as "['nodule', ' pneumonia']", without what names no finding; "nan" is an empty one."""
    lists: dict[str, tuple[str, ...]] = {}
    for cell in cells.unique():
        try:
            names = ast.literal_eval(cell) if cell.strip() not in ("", "nan") else []
        except (ValueError, SyntaxError):
            names = None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            message = f"{path}: the labels {cell[:80]!r} are no list of findings."
            raise DatasetError(message, remedy="Use the table as its makers publish it.")
        plain = dict.fromkeys(name.strip() for name in names)
        lists[cell] = tuple(name for name in plain if name not in SAY_NOTHING)
    return [lists[cell] for cell in cells]


def _images(frame: pd.DataFrame) -> pd.DataFrame:
    images = pd.DataFrame({"image_id": frame["ImageID"].str.strip(), "patient_id": frame["PatientID"].str.strip()})
    images["split"] = pd.Series([None] * len(frame), dtype="string")
    if "Projection" in frame:
        images["view"] = views(frame["Projection"])
    if "PatientBirth" in frame and "StudyDate_DICOM" in frame:
        born = pd.to_numeric(frame["PatientBirth"], errors="coerce")
        seen = pd.to_numeric(frame["StudyDate_DICOM"].str[:4], errors="coerce")
        images["age"] = (seen - born).where(lambda years: years.between(0, 120)).astype("Float64")
    if "PatientSex_DICOM" in frame:
        images["sex"] = sexes(frame["PatientSex_DICOM"])
    images["file"] = _files(frame)
    return images


def _files(frame: pd.DataFrame) -> Sequence[str] | pd.Series:
    name = frame["ImageID"].str.strip()
    return frame["ImageDir"].str.strip() + "/" + name if "ImageDir" in frame else name


COLLECTION: Final = Collection(
    name="padchest",
    title="PadChest",
    terms="PadChest Dataset Research Use Agreement (BIMCV): research alone, no sharing.",
    seen=True,
    convention=Convention(blank="negative"),
    recognise=recognise,
    read=read,
    least_share=0.01,
)
