"""The labels of an import: a collection's own table, known by its columns, or a table in the product's layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.datasets.collections import registry
from core.datasets.collections.base import Collection
from core.errors import StudyError, printable
from core.intake.columns import is_image_id
from core.intake.labels import LabelTable, read_labels, with_notes
from core.intake.splits import Division, division_note, settled_splits
from core.intake.tables import LAYOUT_REMEDY, column_names
from core.labels.convention import Asked


def import_labels(path: Path, asked: Asked, division: Division | None, *, scored: bool) -> LabelTable:
    """Read the label table of an import, and say which collection it was taken for, and by what.

    asked : in place of the collection's or the table's own convention.
    division : of films without a split, by patient.
    scored : whether scores say which of a collection's findings are classes; else its rare ones are none.
    Raises StudyError or DatasetError for what is wrong with it; for a table that is neither a collection's nor in the
    product's layout before it is read.
    """
    names = column_names(path)
    found = registry.recognise(names)
    if found is not None:
        return _of_collection(path, *found, asked, division, scored=scored)
    if len(names) > 1 and not is_image_id(names[0]) and registry.COLLECTIONS:
        raise _neither(path, names)
    return read_labels(path, asked, division)


def _of_collection(
    path: Path, collection: Collection, by_what: str, asked: Asked, division: Division | None, *, scored: bool
) -> LabelTable:
    table = collection.read_table(path)
    classes = table.readings.classes if scored else collection.usual_classes(table)
    images, split_notes = settled_splits(table.images, division)
    names = images["file"] if "file" in images else images["image_id"]
    names = names.astype(object).where(names.notna(), images["image_id"])
    taken = f"{path.name}: taken for {collection.title}, by {by_what}."
    labels = LabelTable(
        path,
        images.drop(columns="file", errors="ignore"),
        table.readings.of_films(np.arange(len(images)), classes),
        asked.over(collection.convention),
        (taken, *table.notes, *split_notes),
        tuple(names),
        is_own_layout=False,
    )
    labels.readings.resolve(len(images), labels.convention)
    if division is None:
        return labels
    return with_notes(labels, division_note(images, labels.classes, labels.values, division.seed))


def only_scored(table: LabelTable, scored: Sequence[tuple[set[str], set[str]]]) -> LabelTable:
    """Keep a collection's films and classes that all score tables have, and say what is left out; its table is taken
    as published, whatever was scored.

    scored : image_ids and columns of each. Where they share no film, or no class, nothing is left out.
    """
    kept = np.array([all(image_id in ids for ids, _ in scored) for image_id in table.image_ids])
    classes = tuple(name for name in table.classes if all(name in columns for _, columns in scored))
    if not kept.any() or not classes:
        return table
    n_left, n_lost = int((~kept).sum()), len(table.classes) - len(classes)
    notes = [f"{n_left:,} of {len(kept):,} films"] * bool(n_left) + [f"{n_lost:,} findings"] * bool(n_lost)
    said = [f"{table.path.name}: {' and '.join(notes)} have no scores and are left out."] if notes else []
    films = replace(
        table,
        images=table.images[kept].reset_index(drop=True),
        readings=table.readings.of_films(np.flatnonzero(kept), classes),
        film_names=tuple(name for name, there in zip(table.film_names, kept, strict=True) if there),
    )
    return with_notes(films, *said)


def _neither(path: Path, names: Sequence[str]) -> StudyError:
    shown = [printable(name, 80) for name in names[:3]]
    known = ", ".join(collection.title for collection in registry.COLLECTIONS)
    return StudyError(
        f"{path}: begins with the columns {shown}, and has those of no collection that is read as published.",
        remedy=f"{LAYOUT_REMEDY} Read as published, whatever their first column: {known}.",
    )
