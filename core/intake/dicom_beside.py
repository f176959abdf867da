"""DICOM films read in processes of their own, as many at once as there are cores.

Their decoders keep Python's lock, so that threads would wait for each other; and some of them end the process that
hands them a damaged film, which must not be the one that builds or shows a study.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.errors import DatasetError
from core.paths import PROJECT
from core.pictures import UInt8Array

MOST_S: Final = 60.0
"""Seconds after which a film is given up, as one on which a decoder runs without end."""

_COMMAND: Final = (sys.executable, "-m", "core.intake.dicom_process")
_KEEPS_MEMORY: Final = {"MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**30)}
"""So that glibc keeps the memory of a film's arrays for the next: asking the system for it anew takes as long as making
a film of 9 million pixels ready. Others than glibc pass over it."""
_ENDED: Final = f"its pixels end the program that decodes them, or keep it for more than {MOST_S:.0f} seconds"


class _Process:
    """One process that reads films, one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            _COMMAND,
            cwd=PROJECT,
            env={**_KEEPS_MEMORY, **os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def read(self, path: Path) -> tuple[UInt8Array, tuple[str, ...]]:
        """Read a film. EOFError where the process has ended, or was ended as it took too long."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        watch = threading.Timer(MOST_S, self._process.kill)
        watch.daemon = True
        watch.start()
        try:
            self._process.stdin.write(json.dumps(str(path)).encode() + b"\n")
            self._process.stdin.flush()
            said: dict[str, Any] = json.loads(self._process.stdout.readline() or b"null") or _ended()
            if "error" in said:
                raise DatasetError(said["error"], remedy=said["remedy"])
            pixels = np.empty(said["size"], dtype=np.uint8)
            if self._process.stdout.readinto(pixels.reshape(-1).data) != pixels.size:  # type: ignore[attr-defined]
                _ended()
        except (BrokenPipeError, ValueError) as error:
            raise EOFError from error
        finally:
            watch.cancel()
        return pixels, tuple(said["notes"])

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


class Readers:
    """Processes that read DICOM films: begun when they are first needed, kept until `end`."""

    def __init__(self, most: int) -> None:
        self._room, self._lock = threading.BoundedSemaphore(most), threading.Lock()
        self._idle: list[_Process] = []

    def read(self, path: Path) -> tuple[UInt8Array, tuple[str, ...]]:
        """Read (H, W) uint8 and sentences as `core.intake.dicom.read_dicom` does, in another process; waits for one.

        Raises DatasetError as that does, and where the film ends the process or keeps it for too long.
        """
        with self._room:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            process = process or _Process()
            try:
                found = process.read(Path(os.path.abspath(path)))
            except DatasetError:
                self._keep(process)
                raise
            except EOFError as error:
                process.end()
                raise DatasetError(f"The DICOM file is damaged: {_ENDED}.", remedy="Copy the file again.") from error
            except BaseException:
                process.end()
                raise
            self._keep(process)
            return found

    def end(self) -> None:
        """End the processes that wait for work; another film begins new ones."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _keep(self, process: _Process) -> None:
        with self._lock:
            self._idle.append(process)


def _ended() -> dict[str, Any]:
    raise EOFError


READERS: Final = Readers(os.cpu_count() or 1)
atexit.register(READERS.end)
