"""CheXpert, full size or small: train.csv, valid.csv and the labels of its test films.

A blank is what the report does not mention, -1 what it is uncertain of; valid and test were read by radiologists, who
say 0 or 1. Source: Irvin et al., AAAI 2019; stanfordmlgroup/chexpert-labeler, README.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.chexlocalize import FORMAT as CHEXLOCALIZE
from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.codes import CHEXPERT_CODES, PUBLISHED, Said, codes_in, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.people import ages, sexes, views
from core.datasets.collections.tables import read_columns
from core.errors import DatasetError
from core.findings import NO_FINDING
from core.labels.convention import Convention

FINDINGS: Final = (
    NO_FINDING, "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema", "Consolidation",
    "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices",
)  # fmt: skip
"""The fourteen observations of the CheXpert labeler, in the order of its tables."""

_DRAWN: Final = {"Airspace Opacity": "Lung Opacity"}
_FOLDERS: Final = {"train": "train", "valid": "val", "val": "val", "test": "test"}
_PEOPLE: Final = ("Sex", "Age", "Frontal/Lateral", "AP/PA")
_PATH: Final = (
    r"^(?:.*/)?(?P<folder>train|valid|val|test)/(?P<patient>patient\d+)/"
    r"(?P<inner>study\d+/view\d+_(?P<kind>frontal|lateral))(?:\.\w+)?\s*$"
)

recognise = have("Path", "Enlarged Cardiomediastinum", "Support Devices")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read all of train, valid and test that lie there; the split is the folder that a path names."""
    paths = tables.like(recognise)
    if not paths:
        return None
    frames = [read_columns(path, ("Path",), optional=(*_PEOPLE, *FINDINGS)) for path in paths]
    parts = [codes_in(path, part, FINDINGS, CHEXPERT_CODES) for path, part in zip(paths, frames, strict=True)]
    frame = pd.concat(frames, ignore_index=True)
    images = images_of_paths(frame["Path"], str(paths[0]))
    _add_people(images, frame)
    readers = images["split"].map({"train": "report labeler"}).fillna("radiologists").tolist()
    readings = readings_of(FINDINGS, [Said(PUBLISHED, np.arange(len(images)), np.concatenate(parts), readers)])
    return CollectionTable(images, readings, paths, "CheXpert's folders train, valid and test")


def images_of_paths(paths: pd.Series, where: str) -> pd.DataFrame:
    """Make the table of films from CheXpert's paths; DatasetError for a path that is not built as they are."""
    import pyarrow as pa
    from pyarrow import compute

    parts = compute.extract_regex(pa.array(paths.astype("str")), _PATH)
    if parts.null_count:
        row = compute.index(parts.is_valid(), value=False).as_py()
        message = f"{where}: row {row + 1:,} names the film {paths.iloc[row]!r}."
        remedy = "A path ends like train/patient00001/study1/view1_frontal.jpg; use the table as it is published."
        raise DatasetError(message, remedy=remedy)
    found = pa.Table.from_struct_array(parts).to_pandas()
    files = found["folder"] + "/" + found["patient"] + "/" + found["inner"]
    split = found["folder"].map(_FOLDERS)
    ids = files.where(found["folder"] != "val", "valid/" + found["patient"] + "/" + found["inner"])
    images = pd.DataFrame({"image_id": ids, "patient_id": found["patient"], "split": split.astype("string")})
    return images.assign(view=found["kind"], file=files)


def _add_people(images: pd.DataFrame, frame: pd.DataFrame) -> None:
    """View, age and sex, as far as the tables tell. Frontal or lateral is what the path says: 17 frontal films have
    LL or RL in the column AP/PA.
    """
    told = frame["AP/PA"] if "AP/PA" in frame else pd.Series("", index=frame.index)
    images["view"] = views(told.where(told.isin(("AP", "PA")) & (images["view"] == "frontal"), images["view"]))
    if "Age" in frame:
        images["age"] = ages(frame["Age"].fillna(""))
    if "Sex" in frame:
        images["sex"] = sexes(frame["Sex"].fillna(""))


def marks(tables: FoundTables, images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Read CheXlocalize's regions where they lie beside the films: contours where there are both forms."""
    found = [path for path in tables.beside if path.suffix == ".json" and CHEXLOCALIZE.recognise(path)]
    drawn = [path for path in found if "annotation" in path.name.lower()] or found
    return tuple(mark for path in drawn for mark in with_ids(CHEXLOCALIZE.read(path, "radiologist"), images))


def with_ids(marks: Sequence[Annotation], images: pd.DataFrame) -> list[Annotation]:
    """Give CheXlocalize's marks the ids of films, which its names are with "_" for "/"; those of other films go."""
    ids = {image_id.split("/", 1)[1].replace("/", "_"): image_id for image_id in images["image_id"]}
    return [
        replace(mark, image_id=ids[mark.image_id], finding=_DRAWN.get(mark.finding, mark.finding))
        for mark in marks
        if mark.image_id in ids
    ]


COLLECTION: Final = Collection(
    name="chexpert",
    title="CheXpert",
    terms="Stanford University School of Medicine CheXpert Dataset Research Use Agreement: no commercial use.",
    seen=True,
    convention=Convention(blank="negative", uncertain="left out"),
    recognise=recognise,
    read=read,
    marks=marks,
)
