"""Long work in a thread of its own, so that a page can show how far it is and call it off."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.errors import CoreError

Progress = Callable[[int, int, str], None]
Work = Callable[[Progress, Callable[[], bool]], object]


class Job:
    """One piece of work: progress(done, total, what) tells how far it is, cancelled() whether to stop."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._stop = threading.Event()
        self.done, self.total, self.what = 0, 0, ""
        self.error: CoreError | None = None
        self._thread = threading.Thread(target=self._run, name="job", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off."""
        return self._stop.is_set()

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    def cancel(self) -> None:
        """Asks it to stop; it does at its next film."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Waits until it has ended, at most so long."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._work(self._tell, self._stop.is_set)
        except CoreError as error:
            self.error = None if self._stop.is_set() else error
        except Exception as error:
            self.error = CoreError(
                f"The work stopped unexpectedly ({type(error).__name__}).", remedy="The server's own output says more."
            )
            raise

    def _tell(self, done: int, total: int, what: str) -> None:
        self.done, self.total, self.what = done, total, what


class Jobs:
    """At most one job a key, shared by everyone who looks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[object, Job] = {}

    def get(self, key: object) -> Job | None:
        """The job of a key, running or ended; None where there was none."""
        with self._lock:
            return self._jobs.get(key)

    def start(self, key: object, work: Work) -> Job:
        """Starts a job, or gives the one that runs already."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or not job.is_running:
                job = self._jobs[key] = Job(work)
            return job

    def forget(self, key: object) -> None:
        """Drops a job that has ended."""
        with self._lock:
            self._jobs.pop(key, None)
