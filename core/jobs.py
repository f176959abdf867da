"""Long work in a process of its own, so that the app goes on: everyone may see how far it is, and it can be called off.

A job is a module of this project that is run as `python -m MODULE ARGUMENTS... PROGRESS`. PROGRESS is a file, written
every second; it is the one thing that the job and whoever looks at it share, so that every session and every process
sees the same. What the job makes is kept by the job, where its own subject keeps such things.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from core.errors import CoreError
from core.files import forget_scratch, reason, write_whole
from core.paths import PROJECT

State = Literal["absent", "running", "failed", "finished"]
Progress = Callable[[int, int, str], None]

SILENT_S: Final = 60.0
"""A process that has not told anything for so long is dead: it writes every second."""
BEAT_S: Final = 1.0
MOST_AT_ONCE: Final = 2
ENDING: Final = ".progress.json"
_workers: dict[Path, subprocess.Popen[bytes]] = {}


class JobError(CoreError):
    """Work that was asked for cannot be begun."""


@dataclass(frozen=True)
class JobProgress:
    """How far a job is. done, total : total 0 = nobody knows.  error, remedy : sentences, where it failed."""

    state: State
    done: int = 0
    total: int = 0
    what: str = ""
    error: str = ""
    remedy: str = ""

    @property
    def share(self) -> float | None:
        """Give 0..1; None where nobody knows."""
        return min(1.0, self.done / self.total) if self.total else None


_ENDED = JobProgress("failed", error="The process that did the work has ended.", remedy="Ask for it again.")


@dataclass(frozen=True)
class Job:
    """One piece of work.

    module, arguments : what is run.  path : the progress file; its name ends in ENDING.
    root : the folder below which all work of this kind has its progress files.  what : such work, as a plural noun.
    """

    module: str
    arguments: Sequence[str]
    path: Path
    root: Path
    what: str

    def progress(self) -> JobProgress:
        """Tell what it said last: absent where it was not begun or has ended well, failed where its process is dead."""
        found = read_progress(self.path)
        worker = _workers.get(self.path)
        if found.state != "running" or worker is None or worker.poll() is None:
            return found
        last = read_progress(self.path)  # what it may have told between the first look and its end
        return _ENDED if last.state == "running" else last

    def begin(self, *, again: bool = False) -> None:
        """Start it, unless it runs already, whoever began it.  again : also where it failed before.

        Raises JobError where as much is under way as may be at once, or where its folder cannot be written to.
        """
        state = self.progress().state
        if state == "running" or (state == "failed" and not again):
            return
        _workers.pop(self.path, None)
        self._require_room()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_progress(self.path, JobProgress("running", what="starting"))
        except OSError as error:
            message = f"{self.path.parent}: {self.what} cannot be kept there ({reason(error)})."
            raise JobError(
                message, remedy="Set CXR_CACHE to a folder that can be written to, start the app again."
            ) from error
        command = [sys.executable, "-m", self.module, *self.arguments, str(self.path)]
        silent = subprocess.DEVNULL
        _workers[self.path] = subprocess.Popen(command, cwd=PROJECT, stdin=silent, stdout=silent, stderr=silent)

    @property
    def may_cancel(self) -> bool:
        """Tell whether this process began it and it still runs."""
        worker = _workers.get(self.path)
        return worker is not None and worker.poll() is None

    def cancel(self) -> None:
        """End its process, if this one began it, and forget what it told and had begun to write beside that."""
        worker = _workers.pop(self.path, None)
        if worker is None or worker.poll() is not None:
            return
        worker.kill()
        worker.wait()
        self.path.unlink(missing_ok=True)
        forget_scratch(self.path.parent, process=worker.pid)

    def _require_room(self) -> None:
        running = [path for path in self.root.rglob(f"*{ENDING}") if read_progress(path).state == "running"]
        if len(running) >= MOST_AT_ONCE:
            message = f"{len(running)} {self.what} are being made already."
            raise JobError(message, remedy="Ask again when one of them is finished.")


def read_progress(path: Path) -> JobProgress:
    """Read what a job told last; failed where it has been silent for too long, absent where there is none."""
    try:
        found = JobProgress(**json.loads(path.read_text(encoding="utf-8")))
        silent = time.time() - path.stat().st_mtime
    except (OSError, ValueError, TypeError):
        return JobProgress("absent")
    return _ENDED if found.state == "running" and silent > SILENT_S else found


def write_progress(path: Path, progress: JobProgress) -> None:
    """Write it whole or not at all; the file's time is the sign of life."""
    write_whole(path, json.dumps(asdict(progress)), durable=False)


def run_job(path: Path, work: Callable[[Progress], object], *, remedy: str) -> int:
    """Run the work of a job, in the job's own process; 0 when it is done, 1 when the progress file says why it is not.

    path : the progress file.  remedy : what to do where a library failed in a way that nobody foresaw.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _alive(path) as tell:
            work(tell)
    except CoreError as error:
        write_progress(path, JobProgress("failed", error=error.message, remedy=error.remedy))
        return 1
    except Exception as error:  # whatever a library raises; the app shows it
        said = f"The work stopped unexpectedly ({type(error).__name__}: {' '.join(str(error).split())[:200]})."
        write_progress(path, JobProgress("failed", error=said, remedy=remedy))
        return 1
    path.unlink(missing_ok=True)
    return 0


@contextmanager
def _alive(path: Path) -> Iterator[Progress]:
    """A progress callback whose last word is written every second, also while a library says nothing."""
    last, over = [JobProgress("running", what="starting")], threading.Event()

    def tell(done: int, total: int, what: str) -> None:
        last[0] = JobProgress("running", done, total, what)

    def beat() -> None:
        while not over.wait(BEAT_S):
            write_progress(path, last[0])

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        over.set()
        thread.join()
