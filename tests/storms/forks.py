"""A deed in a process of its own that is forked from this one, so that it begins at once, and how it ended."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from core.errors import CoreError
from tests.storms.deeds import RefusedError

LONGEST_S: Final = 60.0
_FILE_EVENTS: Final = ("open", "os.", "shutil.", "fcntl.")

Came = Literal["done", "refused", "traceback", "killed", "hung"]


@dataclass(frozen=True)
class Ended:
    """How a process came to its end, what it said then, and after how long."""

    came_to: Came
    said: str
    seconds: float


class Steps:
    """Counts what a process does with files below a folder, and does something at one of these steps."""

    def __init__(self, below: Path, at_step: int | None, then: Callable[[], None]) -> None:
        self._below, self._at_step, self._then, self.count = str(below), at_step, then, 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take an event of Python's auditing."""
        if event.startswith(_FILE_EVENTS) and self._is_below(arguments):
            self.count += 1
            if self.count == self._at_step:
                self._then()

    def _is_below(self, arguments: tuple[Any, ...]) -> bool:
        return any(str(word).startswith(self._below) for word in arguments if isinstance(word, str | Path))


def kill_oneself() -> None:
    """SIGKILL, as the system's memory guard sends it."""
    os.kill(os.getpid(), signal.SIGKILL)


def in_a_fork(
    do: Callable[[], object], *, kill_after_s: float | None = None, steps: Steps | None = None
) -> tuple[Ended, int]:
    """Do something in a forked process; how it ended, and how many steps it had taken (0 where it was killed).

    kill_after_s : when it is killed, counted from its beginning.
    """
    reader, writer = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _as_child(do, writer, steps)
    os.close(writer)
    code = _waited(child, LONGEST_S if kill_after_s is None else kill_after_s)
    seconds = time.monotonic() - started
    with os.fdopen(reader, encoding="utf-8", errors="replace") as told:
        first, _, said = told.read().partition("\n")
    if code is None:
        return Ended("hung" if kill_after_s is None else "killed", "", seconds), 0
    if os.WIFSIGNALED(code):
        return Ended("killed", f"signal {os.WTERMSIG(code)}", seconds), 0
    came: tuple[Came, ...] = ("done", "refused", "traceback")
    return Ended(came[os.WEXITSTATUS(code)], said, seconds), int(first or 0)


def _as_child(do: Callable[[], object], writer: int, steps: Steps | None) -> None:
    code, said = 0, ""
    try:
        if steps is not None:
            sys.addaudithook(steps)
        do()
    except (RefusedError, CoreError) as error:
        code, said = 1, str(error)
    except BaseException:
        code, said = 2, traceback.format_exc(limit=-8)
    finally:
        told = f"{0 if steps is None else steps.count}\n{said}".encode(errors="replace")[:60_000]
        os.write(writer, told)
        os._exit(code)


def _waited(child: int, seconds: float) -> int | None:
    """How a process ended; None where it had to be killed after some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, code = os.waitpid(child, os.WNOHANG)
        if ended:
            return code
        time.sleep(min(0.002, max(0.0, until - time.monotonic())))
    os.kill(child, signal.SIGKILL)
    _, code = os.waitpid(child, 0)
    return code if not os.WIFSIGNALED(code) else None
