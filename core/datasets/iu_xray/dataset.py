"""IU-Xray as a dataset: its frontal films that have a file, with labels from one of three sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.datasets.base import DatasetCard, FloatArray, UInt8Array
from core.datasets.description import Description
from core.datasets.iu_xray.collection import Collection
from core.datasets.iu_xray.describe import describe_collection
from core.datasets.iu_xray.frontal import frontal_films, split_name, split_notes
from core.datasets.iu_xray.headers import read_headers, with_table
from core.datasets.iu_xray.label_source import DERIVED, LabelSource, label_source
from core.datasets.iu_xray.layout import find_layout
from core.errors import DatasetError
from core.findings import CLASSES
from core.intake.film_files import Film, read_film, read_grey, why_not
from core.intake.films import left_out_note, with_headers
from core.study.table_checks import counted

NAME = "iu-xray"
LICENCE = "CC BY-NC-ND 4.0: attribution to OpenI (U.S. National Library of Medicine), no commercial use, no changes."


@dataclass(frozen=True)
class _Found:
    """films : by row of the frontal films.  left_out : why, by film_id of those whose file cannot be read."""

    films: dict[int, Film]
    left_out: dict[str, str]


class IuXrayDataset:
    """Frontal films below `root`, whatever form they have there.

    labels : "derived" (from the expert coding), or the path of a label table.
    split : "paper" or "r2gen"; None is the paper's, and R2Gen's where the films are R2Gen's.
    Films without a file are left out and named; `describe` works before any is there.
    Raises DatasetError where the folder holds no form of IU-Xray, or not what the labels or the split need.
    """

    def __init__(self, root: Path, labels: str = DERIVED, split: str | None = None) -> None:
        self.collection = Collection(find_layout(root))
        self.split = split_name(self.collection, split)
        self.label_source: LabelSource = label_source(self.collection, labels)

    @property
    def card(self) -> DatasetCard:
        origin: dict[str, object] = {"source": self.collection.form, "split": self.split}
        origin["labels"] = self.label_source.origin
        notes = [*self.collection.notes(), *split_notes(self.collection, self.split), *self.label_source.notes()]
        notice = " ".join(["IU-Xray, from OpenI.", *notes, *self._left_out(), "Not for clinical use."])
        return DatasetCard(NAME, False, CLASSES, LICENCE, notice, origin)

    def _left_out(self) -> tuple[str, ...]:
        """Sentences on films without a file and films without a label."""
        missing = [film for film in self._frontal["film_id"] if film not in self.collection.layout.films]
        damaged = left_out_note(self._found.left_out, len(self._found.films) + len(self._found.left_out))
        unread = int(np.isnan(self.labels).all(axis=1).sum())
        return (
            *([f"{counted(missing, 'frontal film', 'frontal films')} without a file and left out."] if missing else []),
            *damaged,
            *self._described[1],
            *([f"{unread:,} films are in no row of the labels, and count as unlabelled."] if unread else []),
        )

    @property
    def images(self) -> pd.DataFrame:
        return self._described[0]

    @cached_property
    def _described(self) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """The films that can be read, and sentences on what their DICOM headers said, in a table or in the files."""
        rows = self._frontal.iloc[list(self._found.films)].reset_index(drop=True)
        films = list(self._found.films.values())
        images = pd.DataFrame(
            {
                "image_id": rows["film_id"],
                "patient_id": rows["uid"],
                "split": rows["split"],
                "view": rows["view"],
                "height_px": pd.array([film.height_px for film in films], dtype="Int32"),
                "width_px": pd.array([film.width_px for film in films], dtype="Int32"),
            }
        )
        notes: tuple[str, ...] = ()
        if (path := self.collection.layout.headers_csv) is not None:
            images, notes = with_table(images, read_headers(path))
        images, said = with_headers(images, dict(zip(rows["film_id"], films, strict=True)))
        return images, (*notes, *said)

    @cached_property
    def labels(self) -> FloatArray:
        return self.label_source.rows_of(self.images["image_id"].tolist(), self.images["patient_id"].tolist())

    def film(self, row: int) -> UInt8Array:
        return read_grey(self.film_file(row))

    def film_file(self, row: int) -> Path:
        return self._paths[row]

    def annotations(self, row: int) -> tuple[Annotation, ...]:
        """Give none: OpenI publishes no regions."""
        return ()

    def describe(self) -> Description:
        """Describe what is listed, with or without files."""
        return describe_collection(NAME, self.collection, self.split, self.label_source)

    @cached_property
    def _frontal(self) -> pd.DataFrame:
        return frontal_films(self.collection, self.split)

    @cached_property
    def _found(self) -> _Found:
        """The frontal films that can be read, by row of `_frontal`."""
        found = _Found({}, {})
        for row, film_id in enumerate(self._frontal["film_id"]):
            if (path := self.collection.layout.film(film_id)) is None:
                continue
            try:
                found.films[row] = read_film(path)
            except DatasetError as error:
                found.left_out[film_id] = why_not(error, path)
        if not found.films:
            n_films, left_out = len(self._frontal), left_out_note(found.left_out, len(found.left_out))
            raise DatasetError(
                f"{self.collection.layout.root}: none of its {n_films:,} frontal films has a file that can be read. "
                f"{' '.join(left_out)}",
                remedy="Unpack NLMCXR_png.tgz, or place the folder images_normalized, below it.",
            )
        return found

    @cached_property
    def _paths(self) -> list[Path]:
        return [film.path for film in self._found.films.values()]
