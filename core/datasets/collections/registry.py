"""The public collections that are read as published: one line each."""

from __future__ import annotations

from collections.abc import Sequence

from core.datasets.collections import (
    brax,
    chestx_det,
    chexlocalize,
    chexpert,
    chexpert_plus,
    covidx,
    mimic_cxr,
    nih,
    nih_google,
    object_cxr,
    padchest,
    padchest_gr,
    rsna,
    siim_acr,
    vinbig,
    vindr_cxr,
)
from core.datasets.collections.base import Collection
from core.errors import DatasetError
from core.registries import find_by_name

COLLECTIONS: tuple[Collection, ...] = (
    nih.COLLECTION,
    nih_google.COLLECTION,
    chexpert.COLLECTION,
    chexpert_plus.COLLECTION,
    chexlocalize.COLLECTION,
    mimic_cxr.COLLECTION,
    padchest.COLLECTION,
    padchest_gr.COLLECTION,
    vindr_cxr.COLLECTION,
    vinbig.COLLECTION,
    rsna.COLLECTION,
    siim_acr.COLLECTION,
    brax.COLLECTION,
    chestx_det.COLLECTION,
    object_cxr.COLLECTION,
    covidx.COLLECTION,
)


def recognise(columns: Sequence[str]) -> tuple[Collection, str] | None:
    """Tell which collection a table is of, by its column names as they stand, and by what; None where it is of none."""
    for collection in COLLECTIONS:
        if by_what := collection.recognise(columns):
            return collection, by_what
    return None


def collection_named(name: str) -> Collection:
    """Find the collection of that name; DatasetError where there is none."""
    return find_by_name(COLLECTIONS, name, "collection", DatasetError)
