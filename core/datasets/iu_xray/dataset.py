"""IU-Xray as a dataset: its frontal films that have a file, with labels from one of three sources."""

from __future__ import annotations

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
from core.datasets.iu_xray.label_source import DERIVED, LabelSource, label_source
from core.datasets.iu_xray.layout import find_layout
from core.errors import DatasetError
from core.findings import CLASSES
from core.intake.film_files import read_grey
from core.intake.films import Film, read_film
from core.study.table_checks import counted

NAME = "iu-xray"
LICENCE = "CC BY-NC-ND 4.0: attribution to OpenI (U.S. National Library of Medicine), no commercial use, no changes."


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
        unread = int(np.isnan(self.labels).all(axis=1).sum())
        return (
            *([f"{counted(missing, 'frontal film', 'frontal films')} without a file and left out."] if missing else []),
            *([f"{unread:,} films are in no row of the labels, and count as unlabelled."] if unread else []),
        )

    @cached_property
    def images(self) -> pd.DataFrame:
        rows = self._frontal.iloc[list(self._kept)].reset_index(drop=True)
        return pd.DataFrame(
            {
                "image_id": rows["film_id"],
                "patient_id": rows["uid"],
                "split": rows["split"],
                "view": rows["view"],
                "height_px": pd.array([film.height_px for film in self._kept.values()], dtype="Int32"),
                "width_px": pd.array([film.width_px for film in self._kept.values()], dtype="Int32"),
            }
        )

    @cached_property
    def labels(self) -> FloatArray:
        return self.label_source.rows_of(self.images["image_id"].tolist(), self.images["patient_id"].tolist())

    def film(self, row: int) -> UInt8Array:
        return read_grey(self.film_file(row))

    def film_file(self, row: int) -> Path:
        return self._paths[row]

    def annotations(self, row: int) -> tuple[Annotation, ...]:
        """None: OpenI publishes no regions."""
        return ()

    def describe(self) -> Description:
        """What is listed, with or without files."""
        return describe_collection(NAME, self.collection, self.split, self.label_source)

    @cached_property
    def _frontal(self) -> pd.DataFrame:
        return frontal_films(self.collection, self.split)

    @cached_property
    def _kept(self) -> dict[int, Film]:
        """Films with a file, by row of `_frontal`."""
        files = [(row, self.collection.layout.film(film)) for row, film in enumerate(self._frontal["film_id"])]
        kept = {row: read_film(path) for row, path in files if path is not None}
        if not kept:
            raise DatasetError(
                f"{self.collection.layout.root}: none of its {len(files):,} frontal films has a file.",
                remedy="Unpack NLMCXR_png.tgz, or place the folder images_normalized, below it.",
            )
        return kept

    @cached_property
    def _paths(self) -> list[Path]:
        return [film.path for film in self._kept.values()]
