"""The films of a finished study as its model sees them, read again from the dataset that it was built from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from core.building.encoding import reading_threads
from core.building.films import FilmPreparation
from core.datasets.base import Dataset
from core.errors import StudyError
from core.models.arrays import Progress, UInt8Array
from core.space.study_model import study_model
from core.study import Study

_PROBED: Final = 4
"""Films that are encoded to see whether they are the study's."""
_ALIKE: Final = 0.995
"""Least cosine between a film's embedding now and in the study, which half precision keeps."""


@dataclass(frozen=True, eq=False)
class StudyFilms:
    """The films of a study.

    encoder : whose stored embeddings they are compared with.
    dataset : gives what the study was built from; None where nobody says what that was.
    folder : scratch; what was read stays there.
    """

    study: Study
    encoder: str
    dataset: Callable[[], Dataset] | None
    folder: Path
    progress: Progress

    @cached_property
    def crops(self) -> UInt8Array:
        """Read the films (n, S, S), uint8, rows as the study's.

        Raises StudyError where a film is missing, cannot be read, or is another than the study was built from.
        """
        if self.dataset is None:
            message = f"{self.study.root}: does not hold the films that a setting trains on."
            raise StudyError(message, remedy="Name the dataset that it was built from: --dataset NAME, --root DIR.")
        dataset = self.dataset()
        preparation = FilmPreparation(
            dataset, self._rows(dataset), frozenset(), study_model(self.study).transform, self.folder
        )
        threads = reading_threads(dataset.film_file(preparation.rows[0]))
        for start, chunk in preparation.chunks(threads):
            self.progress(start + len(chunk), len(preparation.rows), "films read")
        films = preparation.finished()
        if films.left_out:
            name, why = next(iter(films.left_out.items()))
            message = f"{self.study.root}: the film {name} cannot be read again ({why})."
            raise StudyError(message, remedy="Copy the dataset's films again.")
        self._require_the_same(films.crops)
        return films.crops

    def _rows(self, dataset: Dataset) -> list[int]:
        """Where the study's films are in the dataset."""
        places = {str(image_id): row for row, image_id in enumerate(dataset.images["image_id"])}
        missing = [image_id for image_id in self.study.image_ids if image_id not in places]
        if missing:
            message = f"{dataset.card.name}: holds no film {missing[0]!r}, which the study has ({len(missing):,} such)."
            raise StudyError(message, remedy="Name the dataset that the study was built from.")
        return [places[image_id] for image_id in self.study.image_ids]

    def _require_the_same(self, crops: UInt8Array) -> None:
        some = np.linspace(0, len(crops) - 1, min(_PROBED, len(crops))).astype(int)
        now = np.asarray(study_model(self.study).encode_crops(np.asarray(crops[some])), np.float64)
        then = np.asarray(self.study.image_embeddings(self.encoder)[some], np.float64)
        cosines = (now * then).sum(axis=1) / (np.linalg.norm(now, axis=1) * np.linalg.norm(then, axis=1))
        if not (cosines >= _ALIKE).all():
            film = self.study.image_ids[int(some[int(np.argmin(cosines))])]
            message = f"{self.study.root}: the film {film} is another than the study was built from."
            raise StudyError(message, remedy="Name the dataset that the study was built from.")
