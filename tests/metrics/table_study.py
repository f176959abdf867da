"""A study in memory, with what reports and thresholds ask of one, for the cases that no study on disk needs to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from core.study.manifest import EncoderEntry, Manifest, Prompt, SettingEntry


@dataclass
class TableStudy:
    """The part of core.study.Study that arrays alone can give."""

    classes: tuple[str, ...]
    labels: np.ndarray
    splits_of_films: list[str]
    scores_of: Mapping[str, np.ndarray]
    kinds: Mapping[str, str]
    images_of: Mapping[str, np.ndarray] = field(default_factory=dict)
    texts_of: Mapping[str, np.ndarray] = field(default_factory=dict)
    encoder_of: Mapping[str, str] = field(default_factory=dict)
    prompts: tuple[Prompt, ...] = ()
    minutes: Mapping[str, float] = field(default_factory=dict)
    patients: list[str] | None = None
    name: str = "table"
    fingerprint: str = "0123456789abcdef"
    root: Path = Path("table")
    trained_on: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    convention: None = None
    readings: None = None
    labels_read: str = ""

    def __post_init__(self) -> None:
        n_films = len(self.labels)
        self.settings = tuple(self.scores_of)
        self.images = pd.DataFrame(
            {
                "image_id": [f"film{row}" for row in range(n_films)],
                "patient_id": self.patients or [f"patient{row}" for row in range(n_films)],
                "split": self.splits_of_films,
            }
        )
        self.manifest = Manifest(
            name=self.name,
            classes=self.classes,
            dataset={"name": "table"},
            settings={
                setting: SettingEntry(
                    self.kinds[setting],
                    self.encoder_of.get(setting),
                    self.minutes.get(setting),
                    trained_on=self.trained_on.get(setting),
                )
                for setting in self.scores_of
            },
            encoders={name: EncoderEntry(array.shape[1], normalised=False) for name, array in self.images_of.items()},
            prompts=self.prompts,
        )

    def scores_fingerprint(self, setting: str) -> str:
        return f"{self.fingerprint[:8]}-{setting}"

    def patient_ids(self, rows: np.ndarray) -> list[str]:
        return [str(patient) for patient in self.images["patient_id"].to_numpy()[rows]]

    def patient_numbers(self, rows: np.ndarray) -> np.ndarray:
        return np.unique(self.images["patient_id"].to_numpy().astype(str), return_inverse=True)[1][rows]

    def rows(self, split: str) -> np.ndarray:
        return np.flatnonzero([split in ("all", own) for own in self.splits_of_films])

    def splits(self) -> dict[str, int]:
        return dict(Counter(self.splits_of_films))

    def scores(self, setting: str) -> np.ndarray:
        return np.where(np.isin(self.classes, [*self.untrained(setting)]), np.nan, self.scores_of[setting])

    def judged_labels(self, setting: str) -> np.ndarray:
        return np.where(np.isin(self.classes, [*self.untrained(setting)]), np.nan, self.labels)

    def untrained(self, setting: str) -> dict[str, str]:
        films = self.manifest.settings[setting].untrained
        return {finding: f"{setting} was never trained on {finding}." for finding in self.classes if finding in films}

    def image_embeddings(self, encoder: str) -> np.ndarray:
        return self.images_of[encoder]

    def text_embeddings(self, encoder: str) -> np.ndarray:
        return self.texts_of[encoder]

    def has(self, part: str) -> bool:
        _, encoder, name = part.split("/")
        return encoder in {"image_embeddings.npy": self.images_of, "text_embeddings.npy": self.texts_of}[name]
