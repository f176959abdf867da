"""ChestX-Det: NIH films in which three radiologists drew thirteen findings.

`ChestX_Det_train.json` and `ChestX_Det_test.json` list films with file_name, syms, boxes and polygons; a film without
syms was read and is clear. ChestX-Det10 has the same form.
Source: Lian et al., 2021; Deepwise-AILab/ChestX-Det-Dataset.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.chestx_det import FORMAT
from core.datasets.collections.base import DIVIDED, Collection, CollectionTable, have
from core.datasets.collections.codes import RADIOLOGISTS, Said, codes_of_lists, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.tables import read_objects
from core.datasets.collections.vinbig import NO_PATIENTS, films_alone
from core.labels.convention import Convention

FINDINGS: Final = (
    "Atelectasis", "Calcification", "Cardiomegaly", "Consolidation", "Diffuse Nodule", "Effusion", "Emphysema",
    "Fibrosis", "Fracture", "Mass", "Nodule", "Pleural Thickening", "Pneumothorax",
)  # fmt: skip
"""ChestX-Det10 lacks Cardiomegaly, Diffuse Nodule and Pleural Thickening."""

recognise = have("file_name", "syms", "boxes")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read both lists, or the one that lies there."""
    paths = tables.like(recognise)
    if not paths:
        return None
    lists = [read_objects(path) for path in paths]
    films = [film for part in lists for film in part]
    splits = ["test" if "test" in path.name.lower() else DIVIDED for path in paths]
    found = [[_name(sym) for sym in film["syms"]] for film in films]
    used = {name for names in found for name in names}
    classes = [name for name in FINDINGS if name in used] + sorted(used - set(FINDINGS))
    images = films_alone([str(film["file_name"]) for film in films])
    images["split"] = pd.array([name for name, part in zip(splits, lists, strict=True) for _ in part], dtype="string")
    said = [Said(RADIOLOGISTS, np.arange(len(films)), codes_of_lists(found, classes), "ChestX-Det")]
    return CollectionTable(images, readings_of(classes, said), paths, "ChestX-Det's train and test", (NO_PATIENTS,))


def mark_files(tables: FoundTables) -> tuple[Path, ...]:
    """Find the lists, which have the polygons too."""
    return tables.like(recognise)


def marks(paths: Sequence[Path], images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Read the polygons, or the boxes where there are none."""
    drawn = [mark for path in paths for mark in FORMAT.read(path, "ChestX-Det")]
    return tuple(replace(mark, finding=_name(mark.finding)) for mark in drawn)


def _name(sym: str) -> str:
    """A finding with blanks where a version of the collection has underscores."""
    return " ".join(sym.replace("_", " ").split())


COLLECTION: Final = Collection(
    name="chestx-det",
    title="ChestX-Det",
    terms="Apache-2.0 (Deepwise AI Lab); films: NIH ChestX-ray14, no restriction on use, with attribution.",
    seen=False,
    convention=Convention(),
    recognise=recognise,
    read=read,
    mark_files=mark_files,
    marks=marks,
)
