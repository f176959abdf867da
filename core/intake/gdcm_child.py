"""The processes that decode for this one, kept from film to film: starting one takes longer than most films do."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Final

SECONDS: Final = 10.0
"""How long a frame may take."""

_PROGRAM: Final = Path(__file__).with_name("gdcm_process.py")
_idle: deque[Child] = deque()
"""Those that are not asked anything just now; a thread that finds none starts one."""


class GoneError(Exception):
    """A process has ended before it had answered."""


class Child:
    """One process, which is asked one thing at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", str(_PROGRAM)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        self._is_late = False

    def ask(self, question: str, frame: bytes) -> bytes:
        """Ask for a frame's samples; none where it cannot be decoded.

        Raises GoneError where the process has ended, TimeoutExpired where it had to be ended.
        """
        questions, answers = self._process.stdin, self._process.stdout
        assert questions is not None
        assert answers is not None
        timer = threading.Timer(SECONDS, self._stop)
        timer.daemon = True
        timer.start()
        try:
            questions.write(f"{question} {len(frame)}\n".encode() + frame)
            questions.flush()
            n_bytes = int(answers.readline() or -1)
            samples = answers.read(max(0, n_bytes))
        except (OSError, ValueError):
            n_bytes, samples = -1, b""
        finally:
            timer.cancel()
        if self._is_late:
            raise subprocess.TimeoutExpired(str(_PROGRAM), SECONDS)
        if n_bytes != len(samples):
            raise GoneError
        return samples

    def end(self) -> None:
        """End the process and wait for it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):  # what could not be written any more
                    stream.close()

    def _stop(self) -> None:
        self._is_late = True
        self._process.kill()


def samples_of(frame: bytes, question: str, n_bytes: int) -> bytes:
    """Decode a frame in a process that has decoded nothing but sound frames; no bytes where it is damaged.

    question : height, width, bits and transfer syntax, as `gdcm_process` has them.  n_bytes : of sound samples.
    A process in which a frame failed is ended: what it did to the process's memory nobody knows. Raises TimeoutExpired
    after ten seconds. Safe in several threads.
    """
    with suppress(IndexError, GoneError):  # none is idle, or it had ended of itself
        return _asked(_idle.pop(), frame, question, n_bytes)
    with suppress(GoneError):
        return _asked(Child(), frame, question, n_bytes)
    return b""


def _asked(child: Child, frame: bytes, question: str, n_bytes: int) -> bytes:
    is_sound = False
    try:
        samples = child.ask(question, frame)
        is_sound = len(samples) == n_bytes
    finally:
        if is_sound:
            _idle.append(child)
        else:
            child.end()
    return samples if is_sound else b""


def _end_all() -> None:
    while _idle:
        _idle.pop().end()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # they answer the process that started them
