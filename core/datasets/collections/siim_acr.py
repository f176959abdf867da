"""SIIM-ACR's pneumothorax challenge: `train-rle.csv`, a row for every region of a film, or one with -1.

A film's mask is the union of all its rows. Source: the challenge's description of its data, and its mask functions.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from core.annotations.formats.siim_runs import FINDING, FORMAT, NOTHING
from core.datasets.collections.base import Collection, CollectionTable, have, marks_in_labels
from core.datasets.collections.codes import RADIOLOGISTS, Said, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.tables import read_columns
from core.datasets.collections.vinbig import NO_PATIENTS, films_alone
from core.labels.convention import Convention
from core.labels.readings import NEGATIVE, POSITIVE

recognise = have("ImageId", "EncodedPixels")


def read(tables: FoundTables) -> CollectionTable | None:
    """Read which films have a region; films are named by their SOP Instance UID."""
    path = tables.only(tables.like(recognise), "tables of SIIM-ACR's challenge")
    if path is None:
        return None
    frame = read_columns(path, ("ImageId", "EncodedPixels"))
    places, films = pd.factorize(frame["ImageId"].str.strip())
    has_region = ~frame["EncodedPixels"].str.strip().isin(NOTHING).to_numpy()
    codes = np.where(np.bincount(places[has_region], minlength=len(films)) > 0, POSITIVE, NEGATIVE)
    said = [Said(RADIOLOGISTS, np.arange(len(films)), codes.astype(np.int8)[:, None], "SIIM-ACR")]
    several = int((np.bincount(places[has_region], minlength=len(films)) > 1).sum())
    notes = (
        NO_PATIENTS,
        *([f"Films with several regions, whose mask is their union: {several:,}."] if several else []),
    )
    return CollectionTable(films_alone(films), readings_of((FINDING,), said), (path,), "", notes)


_MARK_FILES, _MARKS = marks_in_labels(recognise, FORMAT, "SIIM-ACR")
COLLECTION: Final = Collection(
    name="siim-acr",
    title="SIIM-ACR Pneumothorax Segmentation",
    terms="The challenge's rules (Kaggle, SIIM): research and education; films are NIH ChestX-ray14's.",
    seen=True,
    convention=Convention(),
    recognise=recognise,
    read=read,
    mark_files=_MARK_FILES,
    marks=_MARKS,
)
