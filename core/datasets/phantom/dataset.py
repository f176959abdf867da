"""The phantom as a dataset: films are rendered when they are asked for."""

from __future__ import annotations

from functools import cached_property, lru_cache

import pandas as pd

from core.annotations.annotation import Annotation, annotation_from_mask
from core.datasets.base import DatasetCard, FloatArray, UInt8Array
from core.datasets.phantom.film import FilmSpec, RenderedFilm, render
from core.datasets.phantom.origin import SEED, VERSION
from core.datasets.phantom.tables import PhantomTable, target_table
from core.findings import CLASSES

READER = "simulation (exact)"


class PhantomDataset:
    """3,818 synthetic upright chest films with the published class counts and split; same seed, same film."""

    def __init__(self, seed: int = SEED) -> None:
        self.seed = seed
        self._rendered = lru_cache(maxsize=8)(self._render)

    @cached_property
    def _table(self) -> PhantomTable:
        return target_table(self.seed)

    @property
    def card(self) -> DatasetCard:
        return DatasetCard(
            name="phantom",
            synthetic=True,
            classes=CLASSES,
            licence="CC0 1.0: synthetic films, free to use.",
            notice="Synthetic films and masks of a simulated thorax. No patient was imaged. Not for clinical use.",
            origin={"version": VERSION, "seed": self.seed},
        )

    @property
    def images(self) -> pd.DataFrame:
        return self._table.images

    @property
    def labels(self) -> FloatArray:
        return self._table.labels

    def spec(self, row: int) -> FilmSpec:
        """Say how a film is rendered."""
        return self._table.specs[row]

    def row_of(self, image_id: str) -> int:
        """Find the row of an image_id. KeyError where there is none."""
        return self._rows[image_id]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {image_id: row for row, image_id in enumerate(self.images["image_id"])}

    def film(self, row: int) -> UInt8Array:
        return self._rendered(row).pixels

    def film_file(self, row: int) -> None:
        """Give None: films are rendered."""

    def annotations(self, row: int) -> tuple[Annotation, ...]:
        image_id = str(self.images["image_id"].iloc[row])
        masks = self._rendered(row).masks
        return tuple(annotation_from_mask(image_id, name, READER, mask) for name, mask in masks.items() if mask.any())

    def _render(self, row: int) -> RenderedFilm:
        return render(self.spec(row))
