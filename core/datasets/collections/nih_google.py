"""ChestX-ray14 as Google's radiologists read it: four findings, adjudicated, beside what NIH mined from the reports.

`google2019_nih-chest-xray-labels.csv`, or the tables of labels as Google publishes them. Of NIH's findings, Nodule and
Mass stand for "Nodule or mass"; Consolidation, Infiltration, Pneumonia and Edema for "Airspace opacity", which is our
reading; none stands for Fracture. Source: Majkowska et al., Radiology 2020.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from core.datasets.collections import nih
from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.codes import RADIOLOGISTS, REPORTS, Said, codes_in, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.tables import read_columns
from core.labels.convention import Convention
from core.labels.readings import NEGATIVE, NOT_LOOKED_AT, POSITIVE, Int8Array

FINDINGS: Final = ("Fracture", "Pneumothorax", "Airspace opacity", "Nodule or mass")
_MINED: Final = (
    (),
    ("Pneumothorax",),
    ("Consolidation", "Infiltration", "Pneumonia", "Edema"),
    ("Nodule", "Mass"),
)
_CODES: Final = {"YES": POSITIVE, "NO": NEGATIVE, "": NOT_LOOKED_AT}
_SPLITS: Final = {"validation": "val", "test": "test"}

recognise = have("Image Index", "Airspace opacity", "Nodule or mass")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read the adjudicated labels, and NIH's where the table has them."""
    paths = tables.like(recognise)
    if not paths:
        return None
    columns = ("Finding Labels", "Patient ID", "Patient Age", "Patient Gender", "Patient Sex", "View Position")
    frames = [read_columns(path, ("Image Index", *FINDINGS), optional=(*columns, "Set Id")) for path in paths]
    frame = pd.concat(frames, ignore_index=True)
    images, rows = nih.images_of(frame), np.arange(len(frame))
    codes = np.concatenate([codes_in(path, part, FINDINGS, _CODES) for path, part in zip(paths, frames, strict=True)])
    said = [Said(RADIOLOGISTS, rows, codes, "adjudicated")]
    notes: tuple[str, ...] = ()
    if all("Finding Labels" in part for part in frames):
        said.append(Said(REPORTS, rows, _mined(nih.findings_of(paths[0], frame["Finding Labels"])), "NLP"))
        notes = (
            "Of what NIH mined from reports, Nodule and Mass count as Nodule or mass; Consolidation, Infiltration, "
            "Pneumonia and Edema as Airspace opacity; nothing as Fracture.",
        )
    whose = ""
    if all("Set Id" in part for part in frames):
        images["split"] = frame["Set Id"].str.strip().str.lower().map(_SPLITS).astype("string")
        whose = "Google's column Set Id (validation, test)"
    return CollectionTable(images, readings_of(FINDINGS, said), paths, whose, notes)


def _mined(findings: list[list[str]]) -> Int8Array:
    """(n, 4)."""
    codes: Int8Array = np.full((len(findings), len(FINDINGS)), NOT_LOOKED_AT, dtype=np.int8)
    for column, names in enumerate(_MINED):
        if names:
            codes[:, column] = [POSITIVE if set(names) & set(found) else NEGATIVE for found in findings]
    return codes


COLLECTION: Final = Collection(
    name="nih-google",
    title="NIH ChestX-ray14, read by Google's radiologists",
    terms="Films: no restriction on use, attribution to the NIH Clinical Center. Labels: CC BY 4.0 (Google).",
    seen=True,
    convention=Convention(blank="negative"),
    recognise=recognise,
    read=read,
    mark_files=nih.mark_files,
    marks=nih.marks,
)
