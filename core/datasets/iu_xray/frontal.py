"""The frontal films of a collection and the split that each is in."""

from __future__ import annotations

import pandas as pd

from core.datasets.iu_xray.collection import NO_VIEWS, Collection
from core.datasets.iu_xray.splits import SPLIT_NAMES, paper_split
from core.errors import DatasetError

PAPER_PATIENTS = 3689


def split_name(collection: Collection, split: str | None) -> str:
    """Name the split that is meant: the paper's where none is named, and R2Gen's where the films are R2Gen's."""
    if split is None:
        return "r2gen" if collection.is_r2gen else "paper"
    if split not in SPLIT_NAMES:
        raise DatasetError(f"There is no split {split!r}.", remedy=f"Choose one of {', '.join(SPLIT_NAMES)}.")
    return split


def frontal_films(collection: Collection, split: str) -> pd.DataFrame:
    """List film_id, uid, view and split of the frontal films that are in a split, with or without a file.

    Raises DatasetError where views are unknown, or the split cannot be had.
    """
    if not collection.knows_views:
        raise DatasetError(f"{collection.layout.root}: {NO_VIEWS}", remedy="It has the view of every film.")
    films = collection.films[collection.films["view"] == "Frontal"]
    films = films.assign(split=films["uid"].map(splits_by_uid(collection, split)).astype(object))
    return films[films["split"].notna()].reset_index(drop=True)


def splits_by_uid(collection: Collection, split: str) -> dict[str, str]:
    """Give the split of every patient that has one. DatasetError names the file that it takes."""
    root = collection.layout.root
    if split == "r2gen" and not collection.studies:
        raise DatasetError(
            f"{root}: R2Gen's split is in its annotation.json, which is not there.",
            remedy="Place annotation.json beside the tables, or choose --split paper.",
        )
    if split == "paper" and not collection.frontal_uids:
        raise DatasetError(
            f"{root}: the paper's split was drawn from all patients with a frontal film, and indiana_projections.csv, "
            f"which names them, is not there.",
            remedy="Place indiana_projections.csv beside the annotation, or choose --split r2gen.",
        )
    if split == "paper":
        return paper_split(collection.frontal_uids)
    return {study.uid: study.split for study in collection.studies}


def split_notes(collection: Collection, split: str) -> tuple[str, ...]:
    """Write a sentence where the paper's split cannot be the published one, or R2Gen's leaves films out."""
    found = len(collection.frontal_uids)
    if split == "paper" and found not in (0, PAPER_PATIENTS):
        return (
            f"{found:,} patients have a frontal film, in the paper {PAPER_PATIENTS:,}: the split is drawn as the "
            f"paper's, and is another.",
        )
    frontal = collection.films[collection.films["view"] == "Frontal"]
    n_left = 0 if split == "paper" else int((~frontal["uid"].isin(splits_by_uid(collection, split))).sum())
    return (f"{n_left:,} of {len(frontal):,} frontal films are in none of R2Gen's splits and left out.",) * bool(n_left)
