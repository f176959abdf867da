"""MIMIC-CXR-JPG 2.1: labels by study, joined to films by the metadata; its split, and what radiologists labelled.

The tables of the two report labelers name studies (subject_id, study_id), `-metadata` says which films a study has,
`-split` where they belong; `mimic-cxr-2.1.0-test-set-labeled.csv` names a study alone, and calls Lung Opacity
"Airspace Opacity". Source: Johnson et al., MIMIC-CXR-JPG, PhysioNet 2024, its description of the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.ms_cxr import FORMAT as MS_CXR
from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.chexpert import FINDINGS
from core.datasets.collections.codes import CHEXPERT_CODES, RADIOLOGISTS, Said, codes_in, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.people import views
from core.datasets.collections.tables import read_columns
from core.errors import DatasetError
from core.labels.convention import Convention

_SOURCES: Final = ("chexpert", "negbio", RADIOLOGISTS)
_RENAMED: Final = {"Airspace Opacity": "Lung Opacity"}
_SPLITS: Final = {"train": "train", "validate": "val", "test": "test"}
_METADATA: Final = have("dicom_id", "study_id", "subject_id", "ViewPosition")
_SPLIT: Final = have("dicom_id", "study_id", "split")
_BY_LABELER: Final = have("subject_id", "study_id", "Enlarged Cardiomediastinum", "Support Devices")
_BY_READERS: Final = have("study_id", "Airspace Opacity", "Enlarged Cardiomediastinum")


def recognise(columns: Sequence[str]) -> str | None:
    """Tell MIMIC's tables of labels: those of a labeler, or that of its test set's readers."""
    return _BY_LABELER(columns) or _BY_READERS(columns)


def read(tables: FoundTables) -> CollectionTable | None:
    """Read whose labels lie there: CheXpert's labeler, NegBio, radiologists; films that no study is of are not listed.

    DatasetError without the metadata, which alone says which films a study has.
    """
    by_source = [
        tables.only([path for path in tables.like(recognise) if _source(path) == source], f"labels of {source}")
        for source in _SOURCES
    ]
    labels = [path for path in by_source if path is not None]
    if not labels:
        return None
    metadata = tables.only(tables.also(_METADATA), "tables of MIMIC-CXR's metadata")
    if metadata is None:
        raise DatasetError(
            f"{labels[0]}: labels studies, and which films a study has stands in mimic-cxr-2.0.0-metadata.csv.gz.",
            remedy="Place the metadata beside it.",
        )
    frame = read_columns(metadata, ("dicom_id", "subject_id", "study_id"), optional=("ViewPosition",))
    images = _images(frame)
    split = tables.only(tables.also(_SPLIT), "tables of MIMIC-CXR's split")
    if split is not None:
        named = read_columns(split, ("dicom_id", "split")).drop_duplicates("dicom_id").set_index("dicom_id")["split"]
        images["split"] = images["image_id"].map(named).map(_SPLITS).astype("string")
    said = [_said(path, frame["study_id"]) for path in labels]
    whose = "MIMIC-CXR's own (train, validate, test)" if split is not None else ""
    read_from = (*labels, metadata, *((split,) if split else ()))
    return CollectionTable(images, readings_of(FINDINGS, said), read_from, whose)


def _images(frame: pd.DataFrame) -> pd.DataFrame:
    patient = frame["subject_id"].str.strip()
    file = "files/p" + patient.str[:2] + "/p" + patient + "/s" + frame["study_id"] + "/" + frame["dicom_id"]
    images = pd.DataFrame({"image_id": frame["dicom_id"], "patient_id": patient})
    images["split"] = pd.Series([None] * len(frame), dtype="string")
    if "ViewPosition" in frame:
        images["view"] = views(frame["ViewPosition"])
    return images.assign(file=file)


def _source(path: Path) -> str:
    name = path.name.lower()
    return RADIOLOGISTS if "labeled" in name else "negbio" if "negbio" in name else "chexpert"


def _said(path: Path, studies: pd.Series) -> Said:
    """What one table says of every film of its studies."""
    frame = read_columns(path, ("study_id",), optional=(*FINDINGS, *_RENAMED)).rename(columns=_RENAMED)
    if frame["study_id"].duplicated().any():
        twice = frame["study_id"][frame["study_id"].duplicated()].iloc[0]
        message = f"{path}: the study {twice} stands in more than one row."
        raise DatasetError(message, remedy="Use the table as its makers publish it.")
    places = pd.Series(range(len(frame)), index=frame["study_id"]).reindex(studies)
    there = places.notna().to_numpy()
    codes = codes_in(path, frame, FINDINGS, CHEXPERT_CODES)[places[there].to_numpy(dtype=np.int64)]
    return Said(_source(path), np.flatnonzero(there), codes, _source(path))


def mark_files(tables: FoundTables) -> tuple[Path, ...]:
    """Find MS-CXR's table of boxes."""
    return tuple(path for path in tables.beside if MS_CXR.recognise(path))


def marks(paths: Sequence[Path], images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Read the boxes of MS-CXR."""
    return tuple(mark for path in paths for mark in MS_CXR.read(path, "MS-CXR"))


COLLECTION: Final = Collection(
    name="mimic-cxr",
    title="MIMIC-CXR-JPG",
    terms="PhysioNet Credentialed Health Data License 1.5.0: credentialed users, no sharing.",
    seen=False,
    convention=Convention(blank="negative", uncertain="left out"),
    recognise=recognise,
    read=read,
    mark_files=mark_files,
    marks=marks,
)
