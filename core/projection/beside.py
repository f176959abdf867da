"""umap-learn in a process of its own, which loads and compiles it while the caller does other work."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Protocol

import numpy as np
import numpy.typing as npt

from core.paths import PROJECT
from core.projection.umap import FloatArray, ProjectionOptions, project


class Project(Protocol):
    """What `core.projection.umap.project` does, wherever it is done."""

    def __call__(
        self,
        embeddings: npt.NDArray[np.floating],
        n_components: int,
        options: ProjectionOptions | None = None,
        *,
        start: FloatArray | None = None,
    ) -> FloatArray: ...


@contextmanager
def umap_beside() -> Iterator[Project]:
    """Start a process that makes itself ready to project; give what projects there, and end it afterwards.

    The points are those that `project` gives here. Where the process has ended or failed they are made here, so that an
    error is the same one too. It ends by itself when this process is killed.
    """
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        questions, answers = worker.stdin, worker.stdout

        def there(
            embeddings: npt.NDArray[np.floating],
            n_components: int,
            options: ProjectionOptions | None = None,
            *,
            start: FloatArray | None = None,
        ) -> FloatArray:
            try:
                _send(questions, (np.asarray(embeddings), n_components, options, start))
                points: FloatArray = pickle.load(answers)  # of our own process, by a pipe that no other one has
            except (OSError, EOFError, pickle.UnpicklingError):
                return project(embeddings, n_components, options, start=start)
            return points

        try:
            yield there
        finally:
            worker.kill()
            with suppress(OSError):
                questions.close()


def _send(stream: IO[bytes], content: object) -> None:
    pickle.dump(content, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def main() -> None:
    """Compile the layout on a few made-up rows, then answer on standard output until standard input ends."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no answer
    project(np.random.default_rng(0).normal(size=(32, 4)), 2)
    while True:
        try:
            embeddings, n_components, options, start = pickle.load(questions)
        except EOFError:
            return
        _send(answers, project(embeddings, n_components, options, start=start))


if __name__ == "__main__":
    main()
