"""Making a map in a process of its own, so that the app goes on; its progress is a file that everyone can read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from core.files import forget_scratch, write_whole
from core.paths import PROJECT
from core.projection.cache import cache_root, finished_map, folder_of
from core.projection.methods import method_named
from core.projection.request import MapError, MapRequest
from core.study import layout

if TYPE_CHECKING:
    from core.study import Study

State = Literal["absent", "running", "finished", "failed"]

SILENT_S: Final = 60.0
"""A worker that has not told anything for so long is dead: it writes every second."""
MOST_AT_ONCE: Final = 2
_ENDING: Final = ".progress.json"
_workers: dict[Path, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class MapProgress:
    """How far a map is. total 0 = nobody knows.  error : a sentence with its remedy, where it failed."""

    state: State
    done: int = 0
    total: int = 0
    what: str = ""
    error: str = ""

    @property
    def share(self) -> float | None:
        """Give the share that is done, 0..1; None where nobody knows."""
        return min(1.0, self.done / self.total) if self.total else None


def begin_map(study: Study, request: MapRequest, *, again: bool = False) -> None:
    """Start a process that makes the map, unless it is finished or under way, from whatever session.

    again : also where it failed before.
    Raises MapError where the request cannot be met, where two maps are being made already, or where the folder of maps
    cannot be written to.
    """
    method_named(request.method).require_room(len(study.image_ids))
    if not study.has(layout.image_embeddings_part(request.encoder)):
        message = f"The study {study.name} holds no embeddings of the encoder {request.encoder!r}."
        raise MapError(message, remedy="Choose another encoder, or add embeddings to the study.")
    state = map_progress(study, request).state
    if state in ("running", "finished") or (state == "failed" and not again):
        return
    _require_room()
    path = progress_path(study, request)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_progress(path, MapProgress("running", what="starting"))
    except OSError as error:
        message = f"{path.parent}: maps cannot be kept there ({error.strerror or error})."
        raise MapError(
            message, remedy="Set CXR_CACHE to a folder that can be written to, start the app again."
        ) from error
    for ended in [other for other, worker in _workers.items() if worker.poll() is not None]:
        del _workers[ended]
    command = [sys.executable, "-m", "core.projection.worker", str(study.root), request.to_json(), str(path)]
    silent = subprocess.DEVNULL
    _workers[path] = subprocess.Popen(command, cwd=PROJECT, stdin=silent, stdout=silent, stderr=silent)


def cancel_map(study: Study, request: MapRequest) -> None:
    """End the map's process, if this one started it, and forget what it told."""
    path = progress_path(study, request)
    worker = _workers.pop(path, None)
    if worker is None or worker.poll() is not None:
        return
    worker.kill()
    worker.wait()
    path.unlink(missing_ok=True)
    forget_scratch(path.parent, process=worker.pid)


def map_progress(study: Study, request: MapRequest) -> MapProgress:
    """Say how far a map is; loads nothing slow."""
    if finished_map(study, request) is not None:
        return MapProgress("finished")
    return read_progress(progress_path(study, request))


def progress_path(study: Study, request: MapRequest) -> Path:
    """Give the file that the worker writes its progress to."""
    folder = folder_of(study, request)
    return folder.with_name(folder.name + _ENDING)


def write_progress(path: Path, progress: MapProgress) -> None:
    """Write the progress whole or not at all; the file's time is the sign of life."""
    write_whole(path, json.dumps(asdict(progress)), durable=False)


def read_progress(path: Path) -> MapProgress:
    """Read what a worker told last; failed where it has been silent for too long, absent where there is none."""
    try:
        found = MapProgress(**json.loads(path.read_text(encoding="utf-8")))
        silent = time.time() - path.stat().st_mtime
    except (OSError, ValueError, TypeError):
        return MapProgress("absent")
    if found.state == "running" and silent > SILENT_S:
        return MapProgress("failed", error="The process that made the map has ended. Ask for the map again.")
    return found


def _require_room() -> None:
    running = [path for path in cache_root().glob(f"*/*{_ENDING}") if read_progress(path).state == "running"]
    if len(running) >= MOST_AT_ONCE:
        message = f"{len(running)} maps are being made already."
        raise MapError(message, remedy="Ask again when one of them is finished.")
