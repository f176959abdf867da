"""The films of a collection that are taken, with a file or without: views, classes and splits as asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.datasets.base import FloatArray
from core.datasets.collections.base import Collection, CollectionTable
from core.datasets.collections.found import tables_below
from core.datasets.collections.options import CollectionOptions, chosen_classes, chosen_films
from core.datasets.collections.splits import Split, in_several, split_films
from core.datasets.description import FRONTAL_VIEWS
from core.errors import DatasetError
from core.files import sha256_of
from core.labels.convention import Convention
from core.labels.readings import NOT_MENTIONED, UNCERTAIN, Readings
from core.study.table_checks import counted


@dataclass(frozen=True, eq=False)
class Listing:
    """table : films with a split, and the readings of the classes that are taken.
    mark_files : of what readers drew.
    origin : what a study records of all this.
    """

    table: CollectionTable
    convention: Convention
    split: Split
    mark_files: tuple[Path, ...]
    origin: dict[str, object]

    @property
    def classes(self) -> tuple[str, ...]:
        """Give the classes."""
        return self.table.readings.classes

    @property
    def labels(self) -> FloatArray:
        """Make the labels of all films under the convention, (n_films, n_classes) of {0, 1, NaN}."""
        return self.table.readings.resolve(len(self.table.images), self.convention)


def list_films(collection: Collection, root: Path, options: CollectionOptions) -> Listing:
    """Read a collection and choose its films.

    Raises DatasetError where it is not there, an option names what it does not have, no film is left, or the makers'
    splits share patients.
    """
    read = collection.read_root(root)
    classes = chosen_classes(collection, read, options.classes)
    split = split_films(read.images, read.splits, options.seed, official=options.official)
    shared = in_several(read.images["patient_id"], split.split)
    if shared:
        message = f"{root}: {counted(shared, 'patient', 'patients')} in more than one split of {split.rule}."
        raise DatasetError(message, remedy="Add --split patient, which splits by patient and takes theirs for none.")
    in_split = split.split.notna().to_numpy(dtype=bool)
    kept = in_split & chosen_films(read, options.views)
    if not kept.any():
        raise DatasetError(
            f"{root}: no film is left of {len(kept):,}.", remedy="Leave --views out, or --split patient."
        )
    images = read.images.assign(split=split.split)[kept].reset_index(drop=True)
    readings = read.readings.of_films(np.flatnonzero(kept), classes)
    convention = replace(options.convention, source=options.convention.source or readings.source_names[0])
    how = how_read(readings, convention)
    notes = (*read.notes, *how, *_notes(collection, read, classes, int((~in_split).sum()), options))
    table = replace(read, images=images, readings=readings, notes=notes)
    drawn = collection.mark_files(tables_below(root))
    origin: dict[str, object] = {
        "source": collection.title,
        "tables": _hashes(root, read.tables),
        "marks": _hashes(root, drawn),
        "convention": convention.to_json(),
        "split": {"rule": split.rule, "seed": split.seed},
    }
    return Listing(table, convention, split, drawn, origin)


def how_read(readings: Readings, convention: Convention) -> tuple[str, ...]:
    """Say how labels are read, in sentences, as far as the chosen source leaves anything open."""
    chosen = readings.sources == convention.source
    codes = readings.codes[chosen]
    sentences = []
    if (codes == NOT_MENTIONED).any():
        sentences.append(f"A finding that is not mentioned counts as {convention.blank}.")
    if (codes == UNCERTAIN).any():
        counts = "is left out" if convention.uncertain == "left out" else f"counts as {convention.uncertain}"
        sentences.append(f"One that is uncertain {counts}.")
    if len(np.unique(readings.films[chosen])) < int(chosen.sum()):
        sentences.append(f"Of several readers of a film, the rule is {convention.readers!r}.")
    return tuple(sentences)


def _hashes(root: Path, paths: Sequence[Path]) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): sha256_of(path) for path in paths}


def _notes(
    collection: Collection, read: CollectionTable, classes: tuple[str, ...], n_without: int, options: CollectionOptions
) -> tuple[str, ...]:
    """Sentences on what was chosen of what is there."""
    notes = []
    n_rare = len(read.readings.classes) - len(classes)
    if n_rare and options.classes is None:
        share = f"{collection.least_share:.1%}"
        notes.append(f"Findings on fewer than {share} of the films, no class unless --classes names them: {n_rare:,}.")
    if n_without:
        notes.append(f"Films that the makers put into no split, left out: {n_without:,}.")
    if "view" in read.images and options.views == "all":
        lateral = read.images["view"].notna() & ~read.images["view"].str.lower().isin(FRONTAL_VIEWS)
        if n := int(lateral.sum()):
            notes.append(f"Lateral films, or of another view, which --views frontal leaves out: {n:,}.")
    return tuple(notes)
