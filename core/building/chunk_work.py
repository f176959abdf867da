"""What workers in other processes, or on other machines, do of a build: they read films and encode them, by chunks.

A worker puts what it makes of a chunk where the engine in the process does, in the same files, and each file is whole
or not there. So the scratch folder itself says what is left to do, whoever did the rest, and nothing but places of
chunks passes between the workers and the build.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from platform import node
from typing import Protocol

import numpy as np
import torch

from core.building.films import CHUNK, FilmPreparation
from core.errors import StudyError
from core.models.arrays import Progress, UInt8Array
from core.models.device import Precision, best_device
from core.models.encode import EmbeddingChunks
from core.models.fastest import PrecisionChoice, fastest_precision
from core.models.image_tower import ImageTower
from core.models.load import load_clip, load_visual


@dataclass(frozen=True)
class ReadFilms:
    """Films that were read for all models of a build, as one of them sees them.

    path : of their crops, (n_films, S, S) uint8, `.npy`.
    """

    path: Path
    n_films: int

    def is_whole(self, start: int) -> bool:
        """Tell that nothing is left to read."""
        return True

    def chunk(self, start: int, workers: int = 1) -> UInt8Array:
        """Give the crops (n, S, S) of the chunk that begins with a film."""
        return np.asarray(np.load(self.path, mmap_mode="r", allow_pickle=False)[start : start + CHUNK])


@dataclass(frozen=True, eq=False)
class Task:
    """What all workers are told once.

    model : the folder of the model that encodes.
    plan : the file that the build writes when it begins, and its time in ns: another is there when another has begun.
    seen : files that every worker must see as the build does, with their sizes in bytes.
    """

    films: FilmPreparation | ReadFilms
    model: Path
    plan: tuple[Path, int]
    seen: Mapping[Path, int]


@dataclass(frozen=True, eq=False)
class Encoded(Task):
    """What it takes to encode, too.

    embeddings : where they are kept.
    """

    embeddings: EmbeddingChunks
    precision: Precision

    def missing(self) -> list[int]:
        """List the first films of the chunks that are not read, or not encoded."""
        n_films = self.films.n_films
        return [
            start
            for start in range(0, n_films, CHUNK)
            if not (self.embeddings.has(start, min(CHUNK, n_films - start)) and self.films.is_whole(start))
        ]


class Crew(Protocol):
    """Workers that are there."""

    def precision(self, task: Task) -> PrecisionChoice:
        """Let one measure which precision is fastest and changes no embedding, on the first chunk."""
        ...

    def encode(self, task: Encoded, missing: Sequence[int], progress: Progress) -> None:
        """Let them read and encode the chunks that begin with these films."""
        ...


class Engine(Protocol):
    """Where films are read and encoded, if not in the process of the build."""

    def crew(self) -> AbstractContextManager[Crew]:
        """Give its workers, which begin when they are first asked for something, and end with the context."""
        ...


class Worker:
    """One worker.

    n_threads : that it reads films with, and computes with.
    """

    def __init__(self, task: Task, n_threads: int) -> None:
        import cv2

        self._task, self._n_threads = task, n_threads
        self._alone = threading.Lock()
        torch.set_num_threads(n_threads)
        cv2.setNumThreads(n_threads)

    def precision(self) -> PrecisionChoice:
        """Find out the fastest precision of the model here that changes no embedding, on the first chunk."""
        self._require_sight()
        crops = self._task.films.chunk(0, self._n_threads)
        return fastest_precision(load_clip(self._task.model, device=best_device()), crops)

    def encode(self, starts: Sequence[int]) -> None:
        """Read and encode chunks, as one batch; what is there already stays as it is.

        Several threads may call it: while one encodes, the others read. Raises StudyError where this worker does not
        see what the build sees; OSError where a disk fails.
        """
        self._require_sight()
        with self._alone:
            tower = self._tower
        task = self._task
        assert isinstance(task, Encoded)
        chunks = [(start, task.films.chunk(start, self._n_threads)) for start in starts]
        with self._alone:
            task.embeddings.embeddings(chunks, tower.encode)

    @cached_property
    def _tower(self) -> ImageTower:
        assert isinstance(self._task, Encoded)
        visual, transform = load_visual(self._task.model, device=best_device())
        return ImageTower.of(visual, transform, self._task.precision)

    def _require_sight(self) -> None:
        """A worker without the films would call each of them unreadable; one of a build that has ended would go on."""
        for path, size in self._task.seen.items():
            if not path.is_file() or path.stat().st_size != size:
                raise _unseen(path)
        path, time_ns = self._task.plan
        if not path.is_file() or path.stat().st_mtime_ns != time_ns:
            raise _unseen(path)


def _unseen(path: Path) -> StudyError:
    message = f"{path}: a worker on {node()} does not see this file, or sees another in its place."
    return StudyError(
        message, remedy="Put films, models and the study where all machines see them under the same path."
    )


def sizes(paths: Iterable[Path | None]) -> dict[Path, int]:
    """Measure those files that are there, in bytes."""
    return {path: path.stat().st_size for path in paths if path is not None and path.is_file()}
