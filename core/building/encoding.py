"""A build's films through an image tower: read ahead while the tower works, kept on disk chunk by chunk."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
import torch

from core.building.chunk_work import Encoded, Engine, ReadFilms, Task, sizes
from core.building.films import CHUNK, FilmPreparation, PreparedFilms
from core.building.plan import Scratch
from core.building.planned_model import PlannedModel
from core.building.stages import FILMS
from core.intake.dicom_header import is_dicom
from core.intake.film_files import head_of
from core.models.arrays import Float32Array, Progress, UInt8Array, no_progress
from core.models.clip_model import ClipModel
from core.models.device import Precision
from core.models.encode import EmbeddingChunks
from core.models.fastest import PrecisionChoice, fastest_precision, in_precision
from core.models.image_tower import ImageTower

Chunks = Iterable[tuple[int, UInt8Array]]


@dataclass(frozen=True, eq=False)
class Encoding:
    """How a build encodes by one of its models: in the precision asked for, or the fastest that changes no embedding,
    found out once.
    """

    planned: PlannedModel
    scratch: Scratch
    progress: Progress
    engine: Engine | None = None

    def frozen(self, preparation: FilmPreparation) -> tuple[PreparedFilms, Float32Array, PrecisionChoice]:
        """Give the films prepared, their embeddings (n, d) by the model's own tower, and the precision those are in.

        The next chunks are read while one is encoded.
        """
        some = preparation.dataset.film_file(preparation.rows[0])
        if self.engine is not None:
            preparation.make_room()
            self._elsewhere(self.engine, preparation, some)
        embeddings, choice = self._all(preparation.chunks(reading_threads(some)), preparation.n_films)
        return preparation.finished(), embeddings, choice

    def of_prepared(self, films: UInt8Array) -> tuple[Float32Array, PrecisionChoice]:
        """Give the embeddings (n, d) of films that were read for all models, and the precision those are in.

        films : memory-mapped.
        """
        if self.engine is not None:
            assert isinstance(films, np.memmap)
            path = Path(str(films.filename))
            self._elsewhere(self.engine, ReadFilms(path, len(films)), path)
        return self._all(_cut(films), len(films))

    def _elsewhere(self, engine: Engine, films: FilmPreparation | ReadFilms, some: Path | None) -> None:
        """Let workers read and encode what is missing; what comes after finds it all there.

        some : a file that they must see.
        """
        model, plan = self.planned.model, self.scratch.plan
        task = Task(films, model.folder, (plan, plan.stat().st_mtime_ns), sizes([some, model.config]))
        with engine.crew() as crew:
            choice = self._remembered(lambda: self.planned.precision or crew.precision(task))
            work = Encoded(task.films, task.model, task.plan, task.seen, self._stored(choice), choice.precision)
            if missing := work.missing():
                crew.encode(work, missing, self.progress)

    def _all(self, chunks: Iterator[tuple[int, UInt8Array]], total: int) -> tuple[Float32Array, PrecisionChoice]:
        first = next(chunks)
        choice = self._remembered(lambda: self.planned.precision or fastest_precision(self.planned.model, first[1]))
        tower = in_precision(self.planned.model, choice.precision).tower
        progress = self.progress if self.engine is None else no_progress
        return _each(self._stored(choice), tower, chain([first], chunks), total, progress), choice

    def _stored(self, choice: PrecisionChoice) -> EmbeddingChunks:
        stage = self.planned.frozen.name
        made_from = {"key": self.scratch.stages[stage], "precision": choice.precision, "chunk": CHUNK}
        return EmbeddingChunks(self.scratch.folder / stage, made_from, self.planned.model.n_dimensions)

    def _remembered(self, find_out: Callable[[], PrecisionChoice]) -> PrecisionChoice:
        """The precision, as the plan says it already, or as it is found out now, once."""
        name = f"{self.planned.frozen.name}/precision"
        return PrecisionChoice(**json.loads(self.scratch.remember(name, lambda: json.dumps(asdict(find_out())))))


@dataclass(frozen=True, eq=False)
class TrainedEncoding:
    """How films are encoded by a tower that a setting trained, kept in the scratch folder."""

    model: ClipModel
    scratch: Scratch
    progress: Progress
    precision: Precision

    def embeddings(self, encoder: str, visual: torch.nn.Module, films: UInt8Array, weights: str) -> Float32Array:
        """Compute the embeddings (n, d) by a tower.

        weights : hash of what it was trained to.
        """
        made_from = {"key": self.scratch.stages[FILMS], "model": weights, "precision": self.precision, "chunk": CHUNK}
        stored = EmbeddingChunks(self.scratch.folder / encoder, made_from, self.model.n_dimensions)
        tower = ImageTower.of(visual, self.model.transform, self.precision)
        return _each(stored, tower, _cut(films), len(films), self.progress)


def _each(stored: EmbeddingChunks, tower: ImageTower, chunks: Chunks, total: int, progress: Progress) -> Float32Array:
    """Chunk by chunk; on a GPU, where a batch is larger than a chunk, as many as a batch holds."""
    parts, remaining = [], iter(chunks)
    while some := list(islice(remaining, max(1, tower.batch_size // CHUNK))):
        parts += stored.embeddings(some, tower.encode)
        progress(some[-1][0] + len(some[-1][1]), total, "films read and encoded")
    return np.concatenate(parts)


def reading_threads(film: Path | None = None) -> int:
    """Choose how many threads read films ahead: one core is left to the model, and more than four gain nothing.

    film : the file of one of them. DICOM films take longer to decode than to encode, each in a process of its own:
        there is a thread for every core, which waits for one.
    """
    cores = os.cpu_count() or 1
    if film is not None and is_dicom(head_of(film)):
        return cores
    return max(1, min(4, cores - 1))


def _cut(films: UInt8Array) -> Iterator[tuple[int, UInt8Array]]:
    for start in range(0, len(films), CHUNK):
        yield start, np.asarray(films[start : start + CHUNK])
