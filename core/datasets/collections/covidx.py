"""COVIDx CXR: lists of films without a header, `patient file class source`, parted by blanks.

train, val and test are files of their own (train_COVIDx9B.txt, train.txt); classes are positive and negative, or, in
older versions, COVID-19, pneumonia and normal. Source: Wang et al., Scientific Reports 2020; lindawangg/COVID-Net.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.datasets.collections.base import DIVIDED, Collection, CollectionTable
from core.datasets.collections.codes import PUBLISHED, Said, codes_of_lists, readings_of
from core.datasets.collections.found import FoundTables
from core.errors import DatasetError
from core.files import reading
from core.labels.convention import Convention

_LINE: Final = re.compile(
    r"^(\S.*?)\s+(\S+\.(?:png|jpe?g))\s+(positive|negative|normal|pneumonia|covid-19)(?:\s+\S+)?$", re.I
)
_NAMES: Final = {
    "positive": "COVID-19", "covid-19": "COVID-19", "negative": "", "pneumonia": "Pneumonia", "normal": "Normal",
}  # fmt: skip


def recognise(columns: Sequence[str]) -> str | None:
    """Tell a list by its first line, which is a film already."""
    is_film = len(columns) == 1 and _LINE.match(columns[0].strip())
    return "its lines of patient, film and class (positive or negative), without a header" if is_film else None


def read(tables: FoundTables) -> CollectionTable | None:
    """Read the lists that lie there; without one for val, that for train is divided."""
    paths = tables.like(recognise)
    if not paths:
        return None
    splits = [_split(path) for path in paths]
    if "val" not in splits:
        splits = [DIVIDED if split == "train" else split for split in splits]
    lists = [_films(path) for path in paths]
    films = [film for part in lists for film in part]
    images = pd.DataFrame({"image_id": [film[1] for film in films], "patient_id": [film[0] for film in films]})
    images["split"] = pd.array([split for split, part in zip(splits, lists, strict=True) for _ in part], dtype="string")
    images["file"] = images["image_id"]
    named = [[_NAMES[film[2].lower()]] for film in films]
    classes = [name for name in dict.fromkeys(_NAMES.values()) if name and [name] in named] or ["COVID-19"]
    said = [Said(PUBLISHED, np.arange(len(films)), codes_of_lists(named, classes), "COVIDx")]
    return CollectionTable(images, readings_of(classes, said), paths, "COVIDx's own lists")


def _split(path: Path) -> str:
    name = path.name.lower()
    return "test" if "test" in name else "val" if "val" in name else "train"


def _films(path: Path) -> list[tuple[str, str, str]]:
    """Patient, file and class of every line."""
    with reading(path, "is not text in UTF-8", remedy="Use the list as it is published.", error=DatasetError):
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    films = []
    for number, line in enumerate(lines, start=1):
        found = _LINE.match(line.strip())
        if found:
            films.append((found[1], found[2], found[3]))
        elif line.strip():
            message = f"{path}: line {number:,} is {line[:80]!r}; patient, film and class were expected."
            raise DatasetError(message, remedy="Use the list as it is published.")
    return films


COLLECTION: Final = Collection(
    name="covidx",
    title="COVIDx CXR",
    terms="Put together from several collections, each under its own terms (COVID-Net).",
    seen=False,
    convention=Convention(),
    recognise=recognise,
    read=read,
)
