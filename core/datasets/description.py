"""What a dataset holds, before anything is built from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.datasets.base import Dataset, FloatArray
from core.findings import SPLITS

FRONTAL_VIEWS = ("frontal", "pa", "ap")
_CUT = 40
"""Letters of what is recorded of labels that are shown; a hash is longer, and these tell it from others."""


@dataclass(frozen=True)
class Description:
    """Counts of films, with or without a file. None where nobody says.

    splits, per_class : frontal films where views are known (`counts` says of what); films that were not read for a
    class do not count.
    missing_files : names of films without a file.
    details : what only one dataset has to say, as JSON values.
    """

    dataset: str
    n_films: int | None
    n_frontal: int | None
    n_lateral: int | None
    n_patients: int
    splits: dict[str, int] | None
    per_class: dict[str, int] | None
    missing_files: tuple[str, ...] | None
    counts: str = "frontal films"
    notes: tuple[str, ...] = ()
    details: dict[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Give the description as plain values, null where unknown."""
        return {
            "dataset": self.dataset,
            "n_films": self.n_films,
            "n_frontal": self.n_frontal,
            "n_lateral": self.n_lateral,
            "n_patients": self.n_patients,
            "splits": self.splits,
            "per_class": self.per_class,
            "missing_files": None if self.missing_files is None else list(self.missing_files),
            "counts": self.counts,
            "notes": list(self.notes),
            **self.details,
        }


def describe_films(
    name: str, images: pd.DataFrame, labels: FloatArray, classes: tuple[str, ...], missing: tuple[str, ...] = ()
) -> Description:
    """Describe films from their table (image_id, patient_id, split, optional view) and (n, C) labels."""
    views = images["view"].astype("string").str.lower() if "view" in images else None
    frontal = None if views is None or views.isna().any() else views.isin(FRONTAL_VIEWS).to_numpy(dtype=bool)
    counted = np.ones(len(images), dtype=bool) if frontal is None else frontal
    return Description(
        dataset=name,
        n_films=len(images),
        n_frontal=None if frontal is None else int(frontal.sum()),
        n_lateral=None if frontal is None else int((~frontal).sum()),
        n_patients=int(images["patient_id"].nunique()),
        splits=count_splits(images["split"][counted]),
        per_class=count_classes(labels[counted], classes),
        missing_files=missing,
        counts="films" if frontal is None else "frontal films",
    )


def origin_words(origin: Mapping[str, object]) -> str:
    """Say where labels come from, as a study records it, in words: its source, then all else that is recorded."""
    more = [f"{name.replace('_', ' ')} {str(value)[:_CUT]}" for name, value in origin.items() if name != "source"]
    return f"{origin.get('source', 'unknown')}" + (f" ({', '.join(more)})" if more else "")


def count_splits(splits: pd.Series) -> dict[str, int]:
    """Count the films in each of train, val and test."""
    return {name: int((splits == name).sum()) for name in SPLITS}


def count_classes(labels: FloatArray, classes: tuple[str, ...]) -> dict[str, int]:
    """Count the positives of each class; labels (n, C) of {0, 1, NaN}."""
    return {name: int((labels[:, column] == 1).sum()) for column, name in enumerate(classes)}


def describe_loaded(dataset: Dataset) -> Description:
    """Describe a dataset whose films are all there."""
    return describe_films(dataset.card.name, dataset.images, dataset.labels, dataset.card.classes)
