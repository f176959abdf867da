"""CheXpert, full size or small: train.csv, valid.csv and the labels of its test films.

A blank is what the report does not mention, -1 what it is uncertain of; valid and test were read by radiologists, who
say 0 or 1. Source: Irvin et al., AAAI 2019; stanfordmlgroup/chexpert-labeler, README.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.chexlocalize import FORMAT as CHEXLOCALIZE
from core.datasets.collections.base import Collection, CollectionTable, have, require_once
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
_LABELERS: Final = {"visualchexbert": "VisualCheXbert", "chexbert": "CheXbert"}
"""Further tables of labels of the training films, train_cheXbert.csv and train_visualCheXbert.csv."""

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
    by_source = {source: [path for path in paths if _source(path) in (source, "")] for source in _sources(paths)}
    frames = {path: read_columns(path, ("Path",), optional=(*_PEOPLE, *FINDINGS)) for path in paths}
    frame = pd.concat([frames[path] for path in by_source[next(iter(by_source))]], ignore_index=True)
    images = images_of_paths(frame["Path"], str(paths[0]))
    require_once(images, by_source[next(iter(by_source))])
    _add_people(images, frame)
    said = [_said(source, {path: frames[path] for path in read}, images) for source, read in by_source.items()]
    return CollectionTable(images, readings_of(FINDINGS, said), paths, "CheXpert's folders train, valid and test")


def _source(path: Path) -> str:
    """Who labelled the reports; "" of valid and test, which were read by radiologists and go with all of them."""
    name = path.name.lower()
    if not name.startswith(("train", "chexpert_train")):
        return ""
    return next((source for part, source in _LABELERS.items() if part in name), PUBLISHED)


def _sources(paths: Sequence[Path]) -> list[str]:
    found = {_source(path) for path in paths} - {""}
    return [source for source in (PUBLISHED, *_LABELERS.values()) if source in found] or [PUBLISHED]


def _said(source: str, frames: Mapping[Path, pd.DataFrame], images: pd.DataFrame) -> Said:
    """What a source says of the films of its tables, which may list them in an order of their own."""
    codes = np.concatenate([codes_in(path, frame, FINDINGS, CHEXPERT_CODES) for path, frame in frames.items()])
    listed = images_of_paths(pd.concat([frame["Path"] for frame in frames.values()]), str(next(iter(frames))))
    rows = pd.Index(images["image_id"]).get_indexer(pd.Index(listed["image_id"]))
    known = rows >= 0
    readers = np.where(listed["split"] == "train", "report labeler", "radiologists")
    return Said(source, rows[known].astype(np.int64), codes[known], readers[known].tolist())


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


def mark_files(tables: FoundTables) -> tuple[Path, ...]:
    """Find CheXlocalize's regions where they lie beside the films: contours where there are both forms."""
    found = tuple(path for path in tables.beside if path.suffix == ".json" and CHEXLOCALIZE.recognise(path))
    return tuple(path for path in found if "annotation" in path.name.lower()) or found


def marks(paths: Sequence[Path], images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Read the regions, by CheXpert's names of films and findings."""
    return tuple(mark for path in paths for mark in with_ids(CHEXLOCALIZE.read(path, "radiologist"), images))


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
    mark_files=mark_files,
    marks=marks,
)
