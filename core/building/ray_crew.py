"""The films of a build read and encoded by Ray: on the cores of this computer, or the machines and GPUs of a cluster.

Ray Data hands batches out to a pool of actors, begins those anew that were killed, and gives what they had to do to
them again; when a machine is gone for good, another takes over. What it hands out are the places of batches: films and
embeddings go from a worker straight into the scratch folder (`core.building.chunk_work`).

Ray Data's checkpoints (`ray.data.checkpoint`) are not used. They note a row when a write step, which follows the
actors and has workers of its own, has stored it: all that lies between the two when a build is killed is done again
(measured with two actors: of eight batches that were done, four were noted). And they would be a second record of what
the chunks in the scratch folder say themselves, unknown to the engine in the process. Those are the checkpoint: a build
that is killed begins with what is missing there, by either engine, and repeats at most the batch each worker was at.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from core.building.chunk_work import Crew, Encoded, Task, Worker
from core.building.films import CHUNK
from core.building.shares import Machine, Shares, shared
from core.errors import CoreError, StudyError, printable
from core.files import reason
from core.models.arrays import Progress
from core.models.fastest import PrecisionChoice
from core.models.image_tower import BATCH

_STORE_BYTES: Final = 256 * 2**20
"""Shared memory that Ray takes at most on this computer: what it passes are places of batches."""

_EVERYWHERE: Final = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
"""Nothing is sent anywhere, and Ray's own warnings to its developers stay away from the terminal."""

_HERE: Final = {
    **_EVERYWHERE,
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}
"""Of a Ray that is started here. It answers this build alone; without a token it would write one to ~/.ray. Only where
it may have no other machines does it listen on the loopback address alone: else ray 2.60 takes the machine's own
address in its place (`resolve_ip_for_localhost`), and listens on all."""

_LOOPBACK: Final = "127.0.0.1"

_ANSWER_S: Final = 10.0

_INIT_DEATHS: Final = 5
"""Workers that may end one after the other before one has begun; more is no accident."""

_WHERE: Final = "The same command goes on from where it was, and without --engine ray needs no Ray."


@dataclass(frozen=True)
class _Refusal:
    """What a worker cannot do, as a sentence and what to do."""

    message: str
    remedy: str


class _Films:
    """An actor: reads and encodes the batches that begin with the films it is given.

    task : a reference to it, in a list, so that it is fetched once on each machine.
    """

    def __init__(self, task: list[Any], n_threads: int, n_chunks: int) -> None:
        import ray

        self._task: Encoded = ray.get(task[0])
        self._worker, self._n_chunks = Worker(self._task, n_threads), n_chunks

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, list[object]]:
        (first,) = batch["first"].tolist()
        end = min(first + self._n_chunks * CHUNK, self._task.films.n_films)
        refusal = _refusal(lambda: self._worker.encode(range(first, end, CHUNK)))
        said = refusal or _Refusal("", "")
        return {"films": [end - first], "message": [said.message], "remedy": [said.remedy]}


@contextmanager
def ray_crew(address: str | None, n_workers: int | None) -> Iterator[Crew]:
    """Give workers that begin when they are first asked for something, and end with the context.

    address, n_workers : as of `core.building.ray_engine.RayEngine`.
    """
    with ExitStack() as stack:
        yield _RayCrew(lambda: stack.enter_context(_ray(address, n_workers)))


class _RayCrew:
    """Workers in a Ray that is started, or joined, when they are first needed."""

    def __init__(self, begin: Callable[[], Shares]) -> None:
        self._begin = begin

    @cached_property
    def _shares(self) -> Shares:
        return self._begin()

    def precision(self, task: Task) -> PrecisionChoice:
        """Let one worker find out the fastest precision that changes no embedding, on the first chunk."""
        shares = self._shares
        import ray

        remote = ray.remote(num_cpus=shares.cores, num_gpus=shares.gpus, max_retries=-1)(_precision)
        with _in_words():
            found = ray.get(remote.remote(task, shares.cores))
        if isinstance(found, _Refusal):
            raise StudyError(found.message, remedy=found.remedy)
        choice: PrecisionChoice = found
        return choice

    def encode(self, task: Encoded, missing: Sequence[int], progress: Progress) -> None:
        """Let the workers read and encode the chunks that begin with these films, batch by batch."""
        shares = self._shares
        import ray
        from ray.data import ActorPoolStrategy

        n_chunks = max(1, BATCH["cuda" if shares.gpus else "cpu"] // CHUNK)
        firsts = batches(missing, n_chunks)
        total = task.films.n_films
        done = total - sum(min(n_chunks * CHUNK, total - first) for first in firsts)
        calls = 2 if shares.gpus else 1  # while a GPU encodes one batch, the worker reads another
        pool = ActorPoolStrategy(
            size=min(shares.n_workers, len(firsts)),
            max_tasks_in_flight_per_actor=2 * calls,
            max_concurrent_calls_per_actor=calls,
            enable_true_multi_threading=True,
        )
        with _in_words():
            rows = ray.data.from_items([{"first": first} for first in firsts], override_num_blocks=len(firsts))
            encoded = rows.map_batches(
                _Films,
                batch_size=1,
                compute=pool,
                fn_constructor_args=([ray.put(task)], shares.cores, n_chunks),
                num_cpus=shares.cores,
                num_gpus=shares.gpus,
            )
            for row in encoded.iter_rows():
                if row["message"]:
                    raise StudyError(row["message"], remedy=row["remedy"])
                done += row["films"]
                progress(done, total, "films read and encoded")


def batches(missing: Sequence[int], n_chunks: int) -> list[int]:
    """List the first films of the batches that hold any of the missing chunks.

    A batch is as many chunks as the engine in the process encodes at once, counted from the first film: what is encoded
    together decides the last bits of what comes out.
    """
    films = n_chunks * CHUNK
    return sorted({start // films * films for start in missing})


def _precision(task: Task, n_threads: int) -> PrecisionChoice | _Refusal:
    found: list[PrecisionChoice] = []
    return _refusal(lambda: found.append(Worker(task, n_threads).precision())) or found[0]


def _refusal(work: Callable[[], object]) -> _Refusal | None:
    """Do some work, and tell as a value what a user can mend about it: Ray would wrap an error in its own."""
    try:
        work()
    except CoreError as error:
        return _Refusal(error.message, error.remedy)
    except OSError as error:
        where = error.filename or "A disk"
        return _Refusal(f"{where}: cannot be read or written ({reason(error)}).", "Check space, permissions and paths.")
    return None


@contextmanager
def _ray(address: str | None, n_workers: int | None) -> Iterator[Shares]:
    """Start Ray here, on the loopback address, without its dashboard; or join one; and say what each worker has."""
    if address:
        _require_answer(address)
    for name, value in (_there() if address else _HERE).items():
        os.environ.setdefault(name, value)
    import ray

    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    with ExitStack() as stack:
        with _in_words(OSError, RuntimeError, ValueError):
            if address:
                ray.init(address, **quiet)
            else:
                session = stack.enter_context(tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True))
                ray.init(
                    "local",
                    num_cpus=n_workers if (n_workers or 0) > (os.cpu_count() or 1) else None,
                    object_store_memory=_STORE_BYTES,
                    include_dashboard=False,
                    _node_ip_address=_LOOPBACK,
                    _temp_dir=f"{session}/r",  # Ray lets everybody into its folder, and nobody gets into ours
                    **quiet,
                )
            stack.callback(ray.shutdown)
            _quieten()
            machines = _machines(ray.nodes())
        yield shared(machines, n_workers)


def _there() -> dict[str, str]:
    """The variables of a build that joins a cluster: a token that is named is meant, which Ray 2.60 would pass over."""
    is_named = "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ
    return {**_EVERYWHERE, "RAY_AUTH_MODE": "token"} if is_named else _EVERYWHERE


def _require_answer(address: str) -> None:
    """Ray tries for minutes to reach a head that is not there, and tells of each try."""
    host, _, port = address.rpartition(":")
    if address == "auto":
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_S).close()
    except (OSError, ValueError, OverflowError) as error:
        message = f"--address {address}: nothing answers there."
        raise StudyError(message, remedy="Start Ray with ray start --head, and name its HOST:PORT.") from error


def _quieten() -> None:
    """Ray Data tells its own progress and plans; the build tells them in its own words."""
    from ray.data import DataContext

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.max_consecutive_actor_init_deaths = _INIT_DEATHS


def _machines(nodes: Sequence[dict[str, Any]]) -> list[Machine]:
    offers = [node["Resources"] for node in nodes if node["Alive"]]
    return [Machine(int(of.get("CPU", 0)), int(of.get("GPU", 0)), int(of.get("memory", 0))) for of in offers]


@contextmanager
def _in_words(*others: type[Exception]) -> Iterator[None]:
    """Put into a sentence what Ray raises, and what else it raises while it begins."""
    from ray.exceptions import RayError

    try:
        yield
    except (RayError, *others) as error:
        said = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        raise StudyError(f"Ray stopped: {printable(said[-1], 400)}.", remedy=_WHERE) from error
