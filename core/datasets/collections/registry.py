"""The public collections that are read as published: one line each."""

from __future__ import annotations

from collections.abc import Sequence

from core.datasets.collections.base import Collection

COLLECTIONS: tuple[Collection, ...] = ()


def recognise(columns: Sequence[str]) -> tuple[Collection, str] | None:
    """Tell which collection a table is of, by its column names as they stand, and by what; None where it is of none."""
    for collection in COLLECTIONS:
        if by_what := collection.recognise(columns):
            return collection, by_what
    return None
