"""CheXlocalize: the films of CheXpert's validation and test sets with regions that radiologists drew.

Its labels are CheXpert's tables of those two sets; its paths say valid/ where its folder may be val/.
Source: Saporta et al., Nature Machine Intelligence 2022; rajpurkarlab/cheXlocalize, README.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.datasets.collections import chexpert
from core.datasets.collections.base import Collection, CollectionTable
from core.datasets.collections.found import FoundTables
from core.errors import DatasetError


def recognise(columns: Sequence[str]) -> str | None:
    """Tell no table: its labels are CheXpert's tables, and are taken for them."""
    return None


def read(tables: FoundTables) -> CollectionTable | None:
    """Read CheXpert's labels of the films, and make sure that somebody drew on them."""
    if not chexpert.mark_files(tables):
        return None
    found = chexpert.read(tables)
    if found is None:
        raise DatasetError(
            f"{tables.folder}: holds regions of CheXlocalize, but no labels of its films.",
            remedy="Place CheXlocalize's val_labels.csv and test_labels.csv in it.",
        )
    return found


COLLECTION: Final = Collection(
    name="chexlocalize",
    title="CheXlocalize",
    terms="Stanford University School of Medicine CheXlocalize Dataset Research Use Agreement: no commercial use.",
    seen=False,
    convention=chexpert.COLLECTION.convention,
    recognise=recognise,
    read=read,
    mark_files=chexpert.mark_files,
    marks=chexpert.marks,
)
