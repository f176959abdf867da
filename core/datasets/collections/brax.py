"""BRAX 1.1: `master_spreadsheet_update.csv`, labels as the CheXpert labeler writes them, from Brazilian reports.

Source: Reis et al., Scientific Data 2022; PhysioNet, BRAX 1.1.0.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.chexpert import FINDINGS
from core.datasets.collections.codes import CHEXPERT_CODES, REPORTS, Said, codes_in, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.people import ages, sexes, views
from core.datasets.collections.tables import read_columns
from core.labels.convention import Convention

recognise = have("PngPath", "PatientID", "Enlarged Cardiomediastinum", "Support Devices")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read labels and patients; its makers name no split."""
    path = tables.only(tables.like(recognise), "tables of BRAX")
    if path is None:
        return None
    people = ("PatientSex", "PatientAge", "ViewPosition")
    frame = read_columns(path, ("PngPath", "PatientID"), optional=(*people, *FINDINGS))
    file = frame["PngPath"].str.strip()
    images = pd.DataFrame({"image_id": file.str.replace(r"\.png$", "", regex=True, case=False)})
    images["image_id"] = images["image_id"].str.removeprefix("images/")
    images["patient_id"] = frame["PatientID"].str.strip()
    images["split"] = pd.Series([None] * len(frame), dtype="string")
    for name, source, cells in (("view", people[2], views), ("age", people[1], ages), ("sex", people[0], sexes)):
        if source in frame:
            images[name] = cells(frame[source])
    images["file"] = file
    codes = codes_in(path, frame, FINDINGS, CHEXPERT_CODES)
    readings = readings_of(FINDINGS, [Said(REPORTS, np.arange(len(frame)), codes, "report labeler")])
    notes = ('An age of "85 or more" counts as 85.',) if "PatientAge" in frame else ()
    return CollectionTable(images, readings, (path,), "", notes)


COLLECTION: Final = Collection(
    name="brax",
    title="BRAX",
    terms="PhysioNet Credentialed Health Data License 1.5.0: credentialed users, no sharing.",
    seen=False,
    convention=Convention(blank="negative", uncertain="left out"),
    recognise=recognise,
    read=read,
)
