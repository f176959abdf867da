"""A study on disk: its tables, and its arrays, memory-mapped and read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core.annotations.annotation import Annotation
from core.errors import StudyError
from core.files import digest
from core.findings import SPLITS
from core.geometry import FloatArray, IntArray
from core.labels.convention import Convention
from core.labels.dial import position_in_use
from core.labels.readings import Readings
from core.labels.words import convention_words
from core.paths import inside
from core.study import layout
from core.study.arrays import shared_array
from core.study.layout import parted
from core.study.manifest import Manifest
from core.study.one_model import manifest_of_model, model_of
from core.study.sound import SoundParts
from core.study.tables import annotations_in, label_values, read_table, readings_in, to_frame


@dataclass(frozen=True, eq=False)
class Study:
    """A study on disk; made by `open_study`, which has checked it. Rows of everything are the rows of `images`."""

    root: Path
    manifest: Manifest
    position: Convention | None = None
    """The convention that `labels` are read by where it is another than the manifest's; see `under`."""
    stored: Mapping[str, str] | None = None
    """Where the parts of one model of several are stored, by the names that they have in it; see `of_model`."""

    @property
    def name(self) -> str:
        """Give the name in the manifest, to show."""
        return self.manifest.name

    @property
    def classes(self) -> tuple[str, ...]:
        """Give the columns of labels and scores, in order."""
        return self.manifest.classes

    @property
    def fingerprint(self) -> str:
        """Give 16 hex digits that stand for the whole content, and for `position`; the key of every cache."""
        own = self.manifest.fingerprint
        return own if self.position is None else _digest([own, self.position.to_json()])

    def under(self, convention: Convention) -> Study:
        """Give the study with its labels read by another convention; itself where that is the one in use.

        All else is the same and shared with it. Raises StudyError where the study holds no readings, or the convention
        names a source or reader that is not there.

        >>> from core.study import open_study
        >>> study = open_study("tests/golden/study_v2")
        >>> study.under(study.convention) is study
        True
        """
        if convention == self.convention:
            return self
        written = self.manifest.convention
        if self.readings is None or written is None:
            raise StudyError(
                f"{self.root}: this study holds labels, and nothing of what they were made of.",
                remedy="Import the label table itself, in which unlike marks of a film are still apart.",
            )
        is_written = position_in_use(self.readings, convention) == position_in_use(self.readings, written)
        turned = Study(self.root, self.manifest, None if is_written else convention, self.stored)
        turned.__dict__.update(
            images_table=self.images_table,
            images=self.images,
            image_ids=self.image_ids,
            readings_table=self.readings_table,
            readings=self.readings,
            sound=self.sound,
        )
        turned.labels  # noqa: B018 - a source or reader that is not there is told here
        return turned

    def of_model(self, model: str) -> Study:
        """Give what a study of several models holds of one, as a study of its own: names without the model behind them.

        All else is the same and shared with it.
        model : a key of `manifest.beside`, or "" for the first; KeyError for another. Itself where there is one only.
        """
        if not self.manifest.beside:
            return self
        if model not in self._of_models:
            manifest, stored = manifest_of_model(self.manifest, model)
            one = Study(self.root, manifest, self.position, stored)
            one.__dict__.update(
                images_table=self.images_table, images=self.images, image_ids=self.image_ids, labels=self.labels,
                readings_table=self.readings_table, readings=self.readings, sound=self.sound,
            )  # fmt: skip
            self._of_models[model] = one
        return self._of_models[model]

    def of_setting(self, setting: str) -> tuple[Study, str]:
        """Give the study as one of the model that a setting is of, and the setting's name in it."""
        model = model_of(self.manifest, setting)
        return self.of_model(model), parted(setting)[0] if model else setting

    @cached_property
    def _of_models(self) -> dict[str, Study]:
        return {}

    def scores_fingerprint(self, setting: str) -> str:
        """Give 16 hex digits for what thresholds of a setting rest on: films, patients, splits, labels, and its scores.

        Marks, maps and other settings may be added, and thresholds that were kept still hold; `fingerprint` changes.
        Raises StudyError where the study holds no scores of the setting.
        """
        part = layout.scores_part(setting)
        self._require(part)
        kind = self.manifest.settings[setting].score_kind
        return _digest([self._films_digest, setting, kind, self.manifest.files[part].sha256])

    @property
    def settings(self) -> tuple[str, ...]:
        """Give the settings with scores, in the manifest's order."""
        return tuple(self.manifest.settings)

    @property
    def encoders(self) -> tuple[str, ...]:
        """Give the encoders with embeddings, in the manifest's order."""
        return tuple(self.manifest.encoders)

    @cached_property
    def images(self) -> pd.DataFrame:
        """Give one row per film: image_id, patient_id, split, view, height_px, width_px, file, and what else there is.

        Lengths are nullable integers; `file` is null where no film is there to show. Not to be changed in place.
        """
        return to_frame(self.images_table)

    @cached_property
    def labels(self) -> FloatArray:
        """Give the labels (n, C), float64 of {0, 1, NaN}; NaN = nobody read the film for this finding. Read-only."""
        if self.position is None or self.readings is None:
            return label_values(self.labels_table, self.classes)
        labels = self.readings.resolve(len(self.image_ids), self.position).astype(np.float64)
        labels.flags.writeable = False
        return labels

    @property
    def convention(self) -> Convention | None:
        """Give how `labels` were made of what was said; None where nobody knows, as in every study of version 1."""
        return self.position or self.manifest.convention

    @cached_property
    def readings(self) -> Readings | None:
        """Give what was said of the films, by whom; None where the study holds no more than its labels.

        >>> from core.study import open_study
        >>> open_study("tests/golden/study_v2").readings.source_names
        ('radiologists', 'reports')
        """
        table = self.readings_table
        return None if table is None else readings_in(table, self.classes, self.image_ids)

    @property
    def labels_read(self) -> str:
        """Say in a sentence how `labels` were made of what was said; "" where the study holds no more than them."""
        if self.convention is None or self.readings is None:
            return ""
        return convention_words(self.convention, self.readings)

    @cached_property
    def image_ids(self) -> list[str]:
        """Give the ids of the films, in row order."""
        ids: list[str] = self.images_table.column("image_id").to_pylist()
        return ids

    def row_of(self, image_id: str) -> int:
        """Find the row of a film; StudyError where it is not in the study.

        >>> from core.study import open_study
        >>> open_study("tests/golden/study_v1").row_of("golden-03")
        3
        """
        if image_id not in self._rows:
            raise StudyError(f"{self.root}: holds no image {image_id!r}.", remedy="Choose an image of this study.")
        return self._rows[image_id]

    def rows(self, split: str) -> IntArray:
        """List the rows of "train", "val", "test" or "all", ascending; empty where the study has no such film.

        >>> from core.study import open_study
        >>> open_study("tests/golden/study_v1").rows("test").tolist()
        [9, 10, 11]
        """
        if split == "all":
            return np.arange(len(self.image_ids))
        if split not in SPLITS:
            raise StudyError(f"{split!r} is no split.", remedy=f"Choose one of {', '.join(SPLITS)} or all.")
        return np.flatnonzero((self.images["split"] == split).to_numpy())

    def splits(self) -> dict[str, int]:
        """Give the number of films of every split that has any, train first.

        >>> from core.study import open_study
        >>> open_study("tests/golden/study_v1").splits()
        {'train': 6, 'val': 3, 'test': 3}
        """
        numbers = {split: len(self.rows(split)) for split in SPLITS}
        return {split: number for split, number in numbers.items() if number}

    def has(self, part: str) -> bool:
        """Tell whether a file, named by its POSIX path below the study, is in it."""
        return part in self.manifest.files

    def path(self, part: str) -> Path:
        """Say where a file of the study is, which is what was written: it is hashed where that is not known of it.

        Raises StudyError where the study has no such part, or it has changed.
        """
        self._require(part)
        return self.sound.path(part if self.stored is None else self.stored[part])

    def _require(self, part: str) -> None:
        if not self.has(part):
            raise StudyError(
                f"{self.root}: this study has no {part}.", remedy="Build it with `python -m core build`, which adds it."
            )

    @cached_property
    def sound(self) -> SoundParts:
        """Tell which parts are what was written."""
        return SoundParts(self.root, self.manifest)

    def scores(self, setting: str) -> FloatArray:
        """Read the scores (n, C), float32 or float64, of the setting's `score_kind`; read-only.

        They are finite, but NaN for a class that the setting learnt nothing of (`untrained`): what is stored there is
        how training began.
        """
        stored = shared_array(self.path(layout.scores_part(setting)))
        return _without(stored, self._untrained_columns(setting))

    def judged_labels(self, setting: str) -> FloatArray:
        """Give the labels (n, C) that the setting's scores can be set against: as `labels`, NaN where those are NaN."""
        return _without(self.labels, self._untrained_columns(setting))

    def untrained(self, setting: str) -> dict[str, str]:
        """Say why a setting's scores for a class mean nothing, by class, in a sentence; empty where it learnt of all.

        Nothing is said of a setting whose training nobody recorded, as in an import.

        >>> from core.study import open_study
        >>> open_study("tests/golden/study_v1").untrained("linear_probe")
        {}
        """
        films = self.manifest.settings[setting].untrained
        return {name: _untrained_words(setting, name, *films[name]) for name in self.classes if name in films}

    def _untrained_columns(self, setting: str) -> list[int]:
        return [self.classes.index(finding) for finding in self.untrained(setting)]

    def image_embeddings(self, encoder: str) -> FloatArray:
        """Read the film embeddings (n, d), float32, finite, read-only; rows of length 1 where it is `normalised`."""
        return shared_array(self.path(layout.image_embeddings_part(encoder)))

    def text_embeddings(self, encoder: str) -> FloatArray:
        """Read the prompt embeddings (n_prompts, d), float32, rows as `manifest.prompts`; read-only."""
        return shared_array(self.path(layout.text_embeddings_part(encoder)))

    def umap(self, encoder: str, n_components: int = 2) -> FloatArray:
        """Read the coordinates (n, 2 or 3), float32; read-only."""
        return shared_array(self.path(layout.umap_part(encoder, n_components)))

    def annotations(self, image_id: str | None = None) -> tuple[Annotation, ...]:
        """Read what readers drew on one film, or on all; empty where nobody drew anything.

        >>> from core.study import open_study
        >>> [mark.finding for mark in open_study("tests/golden/study_v1").annotations("golden-00")]
        ['Cardiomegaly', 'Pleural Effusion']
        """
        if image_id is not None:
            return self._annotations.get(image_id, ())
        return tuple(entry for entries in self._annotations.values() for entry in entries)

    def annotated_ids(self) -> tuple[str, ...]:
        """List the films that have an annotation, in row order."""
        return tuple(self._annotations)

    def film_path(self, image_id: str) -> Path | None:
        """Find the film's PNG or JPEG; None where it is not stored with the study, or not where the
        study says it is.
        """
        relative = self.images["file"].iloc[self.row_of(image_id)]
        if pd.isna(relative):
            return None
        root = self.root if self.manifest.images_root is None else Path(self.manifest.images_root)
        path = inside(root, relative)
        return path if path.is_file() else None

    def patient_ids(self, rows: IntArray) -> list[str]:
        """List the patient of each film, (n_rows,)."""
        return [str(patient) for patient in self.images["patient_id"].to_numpy()[rows]]

    def patient_numbers(self, rows: IntArray) -> IntArray:
        """Give the number of the patient of each film, (n_rows,): its place among the sorted ids of the whole study.

        >>> from core.study import open_study
        >>> open_study("tests/golden/study_v1").patient_numbers(np.array([0, 1, 11])).tolist()
        [0, 0, 10]
        """
        return self._patient_numbers[rows]

    @cached_property
    def images_table(self) -> pa.Table:
        """Read images.parquet as it is stored."""
        return read_table(self.path(layout.IMAGES))

    @cached_property
    def labels_table(self) -> pa.Table:
        """Read labels.parquet as it is stored."""
        return read_table(self.path(layout.LABELS))

    @cached_property
    def readings_table(self) -> pa.Table | None:
        """Read readings.parquet as it is stored; None where the study holds no more than its labels."""
        return read_table(self.path(layout.READINGS)) if self.has(layout.READINGS) else None

    @cached_property
    def masks_table(self) -> pa.Table | None:
        """Read masks.parquet as it is stored; None where nobody drew anything."""
        return read_table(self.path(layout.MASKS)) if self.has(layout.MASKS) else None

    @cached_property
    def _films_digest(self) -> str:
        """Stands for the films, their patients and splits, and their labels."""
        columns = [self.images_table.column(name).to_pylist() for name in ("image_id", "patient_id", "split")]
        labels = [self.classes, self.manifest.files[layout.LABELS].sha256, columns]
        return _digest(labels if self.position is None else [*labels, self.position.to_json()])

    @cached_property
    def _patient_numbers(self) -> IntArray:
        codes, ids = pd.factorize(self.images["patient_id"])
        order = np.argsort(np.asarray(ids, dtype=str))
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        numbers: IntArray = places[codes]
        return numbers

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {image_id: row for row, image_id in enumerate(self.image_ids)}

    @cached_property
    def _annotations(self) -> dict[str, tuple[Annotation, ...]]:
        if self.masks_table is None:
            return {}
        found: dict[str, list[Annotation]] = {}
        for annotation in annotations_in(self.masks_table):
            found.setdefault(annotation.image_id, []).append(annotation)
        return {image_id: tuple(found[image_id]) for image_id in self.image_ids if image_id in found}


def _without(values: FloatArray, columns: list[int]) -> FloatArray:
    """The same array with NaN in some columns; itself where there are none."""
    if not columns:
        return values
    kept = np.array(values)
    kept[:, columns] = np.nan
    kept.flags.writeable = False
    return kept


def _untrained_words(setting: str, finding: str, n_positive: int, n_negative: int) -> str:
    films = n_positive + n_negative
    missing = "positive" if not n_positive else "negative"
    labelled = f"none of the {films:,} train films labelled for it is" if films else "no train film is"
    return (
        f"{setting} was never trained on {finding}, for {labelled} {missing}: its scores there are how training began, "
        "and all that rests on them is undefined."
    )


def _digest(content: object) -> str:
    return digest(content, 16, compact=True, ascii=False)
