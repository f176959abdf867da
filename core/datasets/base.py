"""What every dataset offers: a table of films, their labels, the pixels and the marked regions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.annotations.annotation import Annotation
from core.labels.convention import Convention
from core.labels.readings import Readings

FloatArray = npt.NDArray[np.floating]
UInt8Array = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class DatasetCard:
    """What a study records of where its films come from.

    origin : enough to find or make the films again (name, version, seed, folder...), as JSON values.
    licence, notice : sentences for the reader.
    readings, convention : what was said of the films, by row of the dataset, and how its labels were made of that; None
        where the labels are all there is, or nobody knows.
    """

    name: str
    synthetic: bool
    classes: tuple[str, ...]
    licence: str
    notice: str
    origin: dict[str, object]
    readings: Readings | None = None
    convention: Convention | None = None


class Dataset(Protocol):
    """Films in the order of `images`.

    images : one row per film with image_id, patient_id, split, view, height_px, width_px and optional age, sex.
    labels : (n_films, n_classes) of {0, 1, NaN}, columns in the card's order; NaN = nobody read it.
    """

    @property
    def card(self) -> DatasetCard: ...

    @property
    def images(self) -> pd.DataFrame: ...

    @property
    def labels(self) -> FloatArray: ...

    def film(self, row: int) -> UInt8Array:
        """Read the pixels of one film, (H, W), uint8, white where little light came through."""
        ...

    def film_file(self, row: int) -> Path | None:
        """Find the file that a film is read from; None where it is made."""
        ...

    def annotations(self, row: int) -> tuple[Annotation, ...]:
        """Read the regions marked on one film, in its own pixels."""
        ...
