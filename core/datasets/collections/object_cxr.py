"""Object-CXR: films with foreign objects, marked by rectangles (0), ellipses (1) and polygons (2).

`train.csv` and `dev.csv` have image_name and annotation, "0 x1 y1 x2 y2;2 x y x y x y"; blank where there is none.
Source: JF Healthcare, object-CXR, MIDL 2020; read from code that reads it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.base import Canvas, canvas
from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.codes import RADIOLOGISTS, Said, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.tables import read_columns
from core.datasets.collections.vinbig import NO_PATIENTS, films_alone
from core.errors import DatasetError
from core.intake.masks import known_sizes
from core.labels.convention import Convention
from core.labels.readings import NEGATIVE, POSITIVE

FINDING: Final = "Foreign Object"
_POINTS: Final = 64
"""Corners of the polygon that stands for an ellipse; its area is within 0.2 %."""

recognise = have("image_name", "annotation")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read the lists that lie there: train, dev (which validates) and test."""
    paths = tables.like(recognise)
    if not paths:
        return None
    frames = [read_columns(path, ("image_name", "annotation")) for path in paths]
    frame = pd.concat(frames, ignore_index=True)
    images = films_alone(frame["image_name"].str.strip())
    splits = [split for path, part in zip(paths, frames, strict=True) for split in [_split(path)] * len(part)]
    images["split"] = pd.array(splits, dtype="string")
    codes = np.where(frame["annotation"].str.strip() != "", POSITIVE, NEGATIVE).astype(np.int8)[:, None]
    said = [Said(RADIOLOGISTS, np.arange(len(images)), codes, "object-CXR")]
    notes = (NO_PATIENTS, "Its films come in archives, such as train.zip: unpack them beside the tables.")
    return CollectionTable(images, readings_of((FINDING,), said), paths, "object-CXR's train, dev and test", notes)


def _split(path: Path) -> str:
    name = path.name.lower()
    return "val" if name.startswith(("dev", "val")) else "test" if name.startswith("test") else "train"


def mark_files(tables: FoundTables) -> tuple[Path, ...]:
    """Find the lists, which have the objects too."""
    return tables.like(recognise)


def marks(paths: Sequence[Path], images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Read the objects, in pixels of films whose size is known."""
    sizes = known_sizes(images)
    made = []
    for path in paths:
        frame = read_columns(path, ("image_name", "annotation"))
        for name, cell in zip(frame["image_name"].str.strip(), frame["annotation"], strict=True):
            if name in sizes and cell.strip():
                film = canvas(f"{path}: {name}", name, *sizes[name], "object-CXR")
                made += [_mark(film, part) for part in cell.split(";") if part.strip()]
    return tuple(made)


def _mark(film: Canvas, text: str) -> Annotation:
    """One object: its kind, then corners."""
    try:
        kind, *numbers = (float(number) for number in text.split())
    except ValueError:
        kind, numbers = math.nan, []
    if kind == 0 and len(numbers) == 4:
        left, top, right, bottom = numbers
        return film.shape(FINDING, "box", [left, top, right - left, bottom - top])
    if kind == 1 and len(numbers) == 4:
        return film.shape(FINDING, "polygon", [_ellipse(*numbers)])
    if kind == 2 and len(numbers) >= 6 and len(numbers) % 2 == 0:
        return film.shape(FINDING, "polygon", [numbers])
    raise DatasetError(f"{film.where}: {text!r} is no object.", remedy="Use the table as it is published.")


def _ellipse(left: float, top: float, right: float, bottom: float) -> list[float]:
    """Points around the ellipse that fills a rectangle, x and y in turn."""
    angles = np.linspace(0, 2 * math.pi, _POINTS, endpoint=False)
    x = (left + right) / 2 + (right - left) / 2 * np.cos(angles)
    y = (top + bottom) / 2 + (bottom - top) / 2 * np.sin(angles)
    return np.column_stack([x, y]).ravel().round(3).tolist()


COLLECTION: Final = Collection(
    name="object-cxr",
    title="Object-CXR",
    terms="CC BY-NC 4.0 (JF Healthcare).",
    seen=False,
    convention=Convention(),
    recognise=recognise,
    read=read,
    mark_files=mark_files,
    marks=marks,
)
