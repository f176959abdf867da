"""A folder of films of one's own: `labels.csv` (or .parquet), the films, and `masks.json` where regions are marked.

The label table has image_id first, one column per class (1, 0, blank = unread), and may have patient_id, split, view,
age and sex. Films are PNG, JPEG or DICOM files anywhere below the folder, named after their image_id; a DICOM file may
also be known by its SOPInstanceUID, and its header gives age, sex and view where the table does not.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.datasets.base import DatasetCard, FloatArray, UInt8Array
from core.errors import DatasetError
from core.files import sha256_of
from core.intake.film_files import Film, read_grey
from core.intake.films import FoundFilms, find_films, left_out_note, with_headers
from core.intake.labels import AS_THE_TABLE_SAYS, LabelTable, read_labels
from core.intake.masks import join_masks
from core.labels.convention import Asked
from core.study.label_notes import both_said

LABEL_FILES = ("labels.csv", "labels.parquet")
MASK_FILE = "masks.json"


class FolderDataset:
    """Films below `root`; those without a file are left out and named in the card's notice.

    asked : how the table is read, where it alone does not tell.
    Raises DatasetError where the folder, its table or all of its films are missing.
    """

    def __init__(self, root: Path, asked: Asked = AS_THE_TABLE_SAYS) -> None:
        self.root, self._asked = root, asked
        if not root.is_dir():
            raise DatasetError(f"{root}: there is no such folder.", remedy="Name the folder of your films with --root.")
        if not self._films and self._found.left_out:
            note = left_out_note(self._found.left_out, len(self._table.image_ids))[0]
            raise DatasetError(f"{root}: {note}", remedy="Copy the films again from where they came from.")
        if not self._films:
            raise DatasetError(
                f"{root}: holds no film for {len(self._table.image_ids):,} labelled image_ids, such as "
                f"{self._table.image_ids[0]!r}.",
                remedy="Name the PNG, JPEG or DICOM files after their image_id.",
            )

    @cached_property
    def _table(self) -> LabelTable:
        for name in LABEL_FILES:
            if (self.root / name).is_file():
                return read_labels(self.root / name, self._asked)
        raise DatasetError(
            f"{self.root}: there is no {' or '.join(LABEL_FILES)}.",
            remedy="Write a table with image_id first and one column per class.",
        )

    @cached_property
    def _found(self) -> FoundFilms:
        return find_films(self.root, self._table.image_ids)

    @cached_property
    def _films(self) -> dict[str, Film]:
        return {image_id: film for image_id, (_, film) in self._found.items()}

    @cached_property
    def _kept(self) -> pd.Series:
        return self._table.images["image_id"].isin(list(self._films))

    @property
    def card(self) -> DatasetCard:
        left_out, masks = self._found.left_out, self.root / MASK_FILE
        missing = int((~self._kept).sum()) - len(left_out)
        notes = [
            *self._table.notes,
            *both_said(self._table.classes, self._table.values, self._table.image_ids),
            *([f"{missing:,} labelled films had no file and were left out."] if missing else []),
            *left_out_note(left_out, len(self._kept)),
            *self._described[1],
            *self._marks[1],
        ]
        return DatasetCard(
            name=self.root.resolve().name,
            synthetic=False,
            classes=self._table.classes,
            licence="",
            notice=" ".join([*notes, "Not for clinical use."]),
            origin={"source": "folder", **({"masks": sha256_of(masks)} if masks.is_file() else {})},
            readings=None if self._table.is_plain else self._table.readings.of_films(np.flatnonzero(self._kept)),
            convention=None if self._table.is_plain else self._table.convention,
        )

    @property
    def images(self) -> pd.DataFrame:
        return self._described[0]

    @cached_property
    def _described(self) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """The table of the films that have a file, with their sizes, and a sentence on what their headers said."""
        images = self._table.images[self._kept].reset_index(drop=True)
        films = [self._films[image_id] for image_id in images["image_id"]]
        sized = images.assign(
            height_px=pd.array([film.height_px for film in films], dtype="Int32"),
            width_px=pd.array([film.width_px for film in films], dtype="Int32"),
        )
        return with_headers(sized, self._films)

    @cached_property
    def labels(self) -> FloatArray:
        labels: FloatArray = self._table.values[self._kept.to_numpy()]
        return labels

    def film(self, row: int) -> UInt8Array:
        return read_grey(self.film_file(row))

    def film_file(self, row: int) -> Path:
        return self._films[str(self.images["image_id"].iloc[row])].path

    def annotations(self, row: int) -> tuple[Annotation, ...]:
        return self._marks[0].get(str(self.images["image_id"].iloc[row]), ())

    @cached_property
    def _marks(self) -> tuple[dict[str, tuple[Annotation, ...]], tuple[str, ...]]:
        """The marks by image_id, and sentences on those that were left out or scaled."""
        path = self.root / MASK_FILE
        if not path.is_file():
            return {}, ()
        _, annotations, notes = join_masks(path, self.images, self._table.classes)
        grouped: dict[str, tuple[Annotation, ...]] = {}
        for annotation in annotations:
            grouped[annotation.image_id] = (*grouped.get(annotation.image_id, ()), annotation)
        return grouped, notes
