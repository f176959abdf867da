"""What cannot be fetched: the table of views, which is placed by hand and checked."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from core.datasets.iu_xray.layout import find_layout
from core.datasets.iu_xray.reports import read_projections
from core.errors import CoreError, FetchError
from core.fetching.sources import IU_XRAY, Source
from core.files import written

NAME: Final = "indiana_projections.csv"
N_FRONTAL: Final = 3818
N_PATIENTS: Final = 3689
"""With a frontal film, in the table as it is published."""

STILL_NEEDED: Final = (
    f"Still needed: {NAME}, which alone says which films are frontal; OpenI does not publish it. Take it from Kaggle "
    f"(raddar/chest-xrays-indiana-university), then: python -m core fetch {IU_XRAY.name} --projections FILE"
)


def place_projections(source: Source, table: Path, folder: Path) -> Path:
    """Copy the table of views into the folder of a source, and return where it lies.

    Raises FetchError for a source that has none, a table that is not the published one, or another one that is there;
    DatasetError where it is no such table.
    """
    if source.name != IU_XRAY.name:
        raise FetchError(f"{source.name} takes no --projections.", remedy=f"Give it with {IU_XRAY.name}.")
    films = read_projections(table)
    frontal = films[films["view"] == "Frontal"]
    found = (len(frontal), frontal["uid"].nunique())
    if found != (N_FRONTAL, N_PATIENTS):
        raise FetchError(
            f"{table}: has {found[0]:,} frontal films of {found[1]:,} patients; the published table has "
            f"{N_FRONTAL:,} of {N_PATIENTS:,}.",
            remedy="Take the table as Kaggle has it, unchanged.",
        )
    place = folder / NAME
    if place.exists() and place.read_bytes() != table.read_bytes():
        raise FetchError(f"{place}: another table is there already.", remedy="Move it elsewhere first.")
    if not place.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with written(place) as scratch:
            shutil.copyfile(table, scratch)
    return place


def still_needed(source: Source, folder: Path) -> str | None:
    """A sentence on what has to be placed by hand before a build; None where nothing has."""
    if source.name != IU_XRAY.name:
        return None
    try:
        return None if find_layout(folder).projections_csv else STILL_NEEDED
    except CoreError:
        return STILL_NEEDED
