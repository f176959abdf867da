"""CheXpert Plus: CheXpert's films with their reports, labelled anew by CheXbert.

Labels are files of JSON lines (`chexbert_labels/impression_fixed.json`, findings_fixed, report_fixed), one film a line
by `path_to_image`, null for what is not mentioned; who the patients are stands in `df_chexpert_plus_240401.csv`.
The impression comes first of the three: it says what the film shows now. Source: Chambon et al., 2024, and
Stanford-AIMI/chexpert-plus, README.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.datasets.collections.base import Collection, CollectionTable, have
from core.datasets.collections.chexpert import FINDINGS, images_of_paths
from core.datasets.collections.codes import Said, codes_of_numbers, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.people import ages, sexes, views
from core.datasets.collections.tables import read_columns, read_lines
from core.labels.convention import Convention

SECTIONS: Final = ("impression", "findings", "report")
_PEOPLE: Final = ("deid_patient_id", "age", "sex", "frontal_lateral", "ap_pa")
_BY: Final = "path_to_image"

recognise = have(_BY, "Enlarged Cardiomediastinum", "Support Devices")
_is_about_patients = have(_BY, "deid_patient_id")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read the labels of every section that lies there, and the patients."""
    paths = sorted(tables.like(recognise), key=_rank)
    if not paths:
        return None
    frames = [read_lines(path, (_BY,), FINDINGS) for path in paths]
    films = pd.concat([frame[_BY] for frame in frames]).drop_duplicates().reset_index(drop=True)
    images = images_of_paths(films, str(paths[0]))
    images["view"] = views(images["view"])
    rows = pd.Series(range(len(films)), index=films)
    said = []
    for path, frame in zip(paths, frames, strict=True):
        named = rows[frame[_BY]].to_numpy().astype(np.int64)
        said.append(Said(_source(path), named, codes_of_numbers(frame, FINDINGS, path), "CheXbert"))
    about = tables.only(tables.also(_is_about_patients), "tables of CheXpert Plus's patients")
    if about is not None:
        _add_people(images, films, about)
    read_from = (*paths, *((about,) if about else ()))
    return CollectionTable(images, readings_of(FINDINGS, said), read_from, "CheXpert's folders train and valid")


def _rank(path: Path) -> int:
    return next((rank for rank, name in enumerate(SECTIONS) if path.name.startswith(name)), len(SECTIONS))


def _source(path: Path) -> str:
    return path.name.split("_fixed")[0].removesuffix(path.suffix)


def _add_people(images: pd.DataFrame, films: pd.Series, about: Path) -> None:
    frame = read_columns(about, (_BY,), optional=_PEOPLE).drop_duplicates(_BY).set_index(_BY).reindex(films).fillna("")
    frame = frame.reset_index(drop=True)
    if "ap_pa" in frame:
        told = views(frame["ap_pa"])
        images["view"] = told.where((images["view"] != "Lateral") & told.notna(), images["view"])
    if "age" in frame:
        images["age"] = ages(frame["age"])
    if "sex" in frame:
        images["sex"] = sexes(frame["sex"])


COLLECTION: Final = Collection(
    name="chexpert-plus",
    title="CheXpert Plus",
    terms="Stanford University School of Medicine CheXpert Plus Dataset Research Use Agreement: no commercial use.",
    seen=False,
    convention=Convention(blank="negative", uncertain="left out"),
    recognise=recognise,
    read=read,
)
