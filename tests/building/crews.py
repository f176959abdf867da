"""Workers in this process, in the place of Ray's: the last batch first, and each by another worker."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.building.chunk_work import Encoded, Task, Worker
from core.building.films import FilmPreparation
from core.models.arrays import Progress
from core.models.fastest import PrecisionChoice

AnyTask = TypeVar("AnyTask", bound=Task)


@dataclass
class Backwards:
    """An engine, and its crew. encoded : first films of the chunks that were asked for, in turn, of each model."""

    encoded: list[list[int]] = field(default_factory=list)
    n_measured: int = 0

    @contextmanager
    def crew(self) -> Iterator[Backwards]:
        yield self

    def precision(self, task: Task) -> PrecisionChoice:
        self.n_measured += 1
        return replace(Worker(_elsewhere(task), 1).precision(), reason="by a worker")

    def encode(self, task: Encoded, missing: Sequence[int], progress: Progress) -> None:
        self.encoded.append(list(missing))
        for number, start in enumerate(reversed(missing)):
            Worker(_elsewhere(task), 1).encode([start])
            progress(number + 1, len(missing), "films read and encoded")


def _elsewhere(task: AnyTask) -> AnyTask:
    """A task as another process has it: with a dataset of its own."""
    if not isinstance(task.films, FilmPreparation):
        return task
    return replace(task, films=replace(task.films, dataset=copy.copy(task.films.dataset)))
