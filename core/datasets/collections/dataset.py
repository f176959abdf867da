"""Any collection as a dataset: its films that have a file, its labels under a convention, its splits and its marks."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.datasets.base import DatasetCard, FloatArray, UInt8Array
from core.datasets.collections.base import Collection
from core.datasets.collections.film_paths import films_of
from core.datasets.collections.listing import Listing, list_films
from core.datasets.collections.options import options_of
from core.errors import DatasetError
from core.intake.film_files import read_grey
from core.intake.films import FoundFilms, left_out_note, with_headers
from core.intake.fit_marks import scaled_to_films
from core.intake.masks import known_sizes, with_sizes, without_empty
from core.labels.convention import Convention
from core.labels.readings import Readings
from core.study.label_notes import both_said
from core.study.table_checks import counted


class CollectionDataset:
    """The films of a collection below `root`; those without a readable file are left out and named in the notice.

    options : texts by the names of the command line: blank, uncertain, readers, label_source, classes, views, split,
        split_seed (`CollectionOptions`).
    Raises DatasetError where the folder, the collection's tables or all of its films are missing.
    """

    def __init__(self, collection: Collection, root: Path, **options: str) -> None:
        self.collection, self.root = collection, root
        self._options = options_of(collection, options)
        if not self._found and self._found.left_out:
            raise DatasetError(f"{root}: {self._unread()[0]}", remedy="Copy the films again from where they came from.")
        if not self._found:
            raise DatasetError(
                f"{root}: holds no film of the {len(self._listing.table.images):,} that its tables name, such as "
                f"{self._listing.table.images['image_id'].iloc[0]!r}.",
                remedy="Place the films below the folder, in the folders that they are published in.",
            )

    @property
    def convention(self) -> Convention:
        """Give how the labels are read."""
        return self._listing.convention

    @property
    def card(self) -> DatasetCard:
        return DatasetCard(
            name=self.collection.name,
            synthetic=False,
            classes=self._listing.classes,
            licence=self.collection.terms,
            notice=" ".join([f"{self.collection.title}.", *self._notes(), "Not for clinical use."]),
            origin=self._listing.origin,
            readings=self.readings,
            convention=self.convention,
        )

    @property
    def images(self) -> pd.DataFrame:
        return self._described[0]

    @cached_property
    def _described(self) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """The table of the films that have a file, with their sizes, and a sentence on what their headers said."""
        images = self._listing.table.images[self._kept].reset_index(drop=True).drop(columns="file", errors="ignore")
        films = {image_id: self._found[image_id][1] for image_id in images["image_id"]}
        sized = images.assign(
            height_px=pd.array([film.height_px for film in films.values()], dtype="Int32"),
            width_px=pd.array([film.width_px for film in films.values()], dtype="Int32"),
        )
        return with_headers(sized, films)

    @cached_property
    def readings(self) -> Readings:
        """Give what was said of the films, by row of `images`."""
        return self._listing.table.readings.of_films(np.flatnonzero(self._kept), self._listing.classes)

    @cached_property
    def labels(self) -> FloatArray:
        return self.readings.resolve(len(self.images), self.convention)

    def film(self, row: int) -> UInt8Array:
        return read_grey(self.film_file(row))

    def film_file(self, row: int) -> Path:
        return self._found[str(self.images["image_id"].iloc[row])][1].path

    def annotations(self, row: int) -> tuple[Annotation, ...]:
        """Read the regions marked on one film, scaled to it where they were drawn on another size of it.

        Raises StudyError where they were drawn on a film of another shape.
        """
        drawn = self._marks.get(str(self.images["image_id"].iloc[row]), ())
        if not drawn:
            return ()
        image = self.images.iloc[[row]]
        fitted, _ = scaled_to_films(drawn, known_sizes(image), self.collection.title)
        kept, _ = without_empty(self.root, fitted)
        with_sizes(self.root, image, kept)
        return tuple(kept)

    @cached_property
    def _listing(self) -> Listing:
        return list_films(self.collection, self.root, self._options)

    @cached_property
    def _found(self) -> FoundFilms:
        return films_of(self.root, self._listing.table.images)

    @cached_property
    def _kept(self) -> np.ndarray:
        """(n_listed,) whether a film has a file that can be read."""
        return self._listing.table.images["image_id"].isin(list(self._found)).to_numpy(dtype=bool)

    def _unread(self) -> tuple[str, ...]:
        return left_out_note(self._found.left_out, len(self._found) + len(self._found.left_out))

    @cached_property
    def _marks(self) -> dict[str, tuple[Annotation, ...]]:
        with self.collection.guarded(str(self.root)):
            marks = self.collection.marks(self._listing.mark_files, self.images)
        grouped: dict[str, list[Annotation]] = {}
        for mark in marks:
            grouped.setdefault(mark.image_id, []).append(mark)
        return {image_id: tuple(drawn) for image_id, drawn in grouped.items()}

    def _notes(self) -> list[str]:
        lost = [
            name for name in self._listing.table.images["image_id"][~self._kept] if name not in self._found.left_out
        ]
        ids = self.images["image_id"].tolist()
        return [
            *self._listing.table.notes,
            *([f"{counted(lost, 'film', 'films')} without a file and left out."] if lost else []),
            *self._unread(),
            *self._described[1],
            *both_said(self._listing.classes, self.labels, ids),
        ]
