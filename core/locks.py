"""One writer at a time, among all processes: a lock on a file beside what is written, with who holds it in it."""

from __future__ import annotations

import errno
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.errors import StudyError
from core.files import reason

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

WAIT_S: Final = 60.0
"""How long a writer waits for another before it gives up."""
_SAY_AFTER_S: Final = 1.0
_POLL_S: Final = 0.02
_UNSUPPORTED: Final = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL)
_log = logging.getLogger(__name__)

_of_threads: dict[Path, threading.RLock] = {}
_held: dict[Path, int] = {}
"""Paths that this process holds, and how many times over; changed only by the thread that holds the lock."""


def lock_file(path: Path) -> Path:
    """The file that is locked while a path is written: beside it, so that it stays when the path is replaced."""
    return path.with_name(f".{path.name}.lock")


@contextmanager
def only_writer(path: Path, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the lock of a path: no other process and no other thread that asks has it meanwhile.

    The thread that has it may ask again. Who waits longer than a moment is told for whom, by a warning in the log; a
    process that ends, however it ends, frees what it held. On a disk that knows no locks other processes are not kept
    out, and the log says so.
    Raises StudyError where another holds it for longer than `wait_s`, or the folder cannot be written to.
    """
    path = path.absolute()
    until = time.monotonic() + wait_s
    threads = _of_threads.setdefault(path, threading.RLock())
    if not threads.acquire(timeout=max(0.0, wait_s)):
        raise _too_long(path, wait_s)
    try:
        descriptor = None if _held.get(path) else _locked(path, until, wait_s)
        _held[path] = _held.get(path, 0) + 1
        try:
            yield
        finally:
            _held[path] -= 1
            if descriptor is not None:
                lock_file(path).unlink(missing_ok=True)
                os.close(descriptor)
    finally:
        threads.release()


def holder(path: Path) -> str:
    """Who holds the lock of a path, in words; "another process" where it cannot be told."""
    try:
        found = json.loads(lock_file(path).read_text(encoding="utf-8"))
        return f"'{found['command']}' (process {found['pid']}, since {found['since']})"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"


def _locked(path: Path, until: float, wait_s: float) -> int:
    """An open descriptor of the lock file, locked, and still the file that others would open."""
    started, is_said = time.monotonic(), False
    while True:
        descriptor = _opened(path)
        try:
            if _try(descriptor, path) and _is_current(descriptor, lock_file(path)):
                _write_owner(descriptor)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        now = time.monotonic()
        if now > until:
            raise _too_long(path, wait_s)
        if not is_said and now - started > _SAY_AFTER_S:
            _log.warning("%s: waiting for %s, which is writing to it.", path, holder(path))
            is_said = True
        time.sleep(_POLL_S)


def _opened(path: Path) -> int:
    try:
        return os.open(lock_file(path), os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        remedy = "Check space, permissions and paths."
        raise StudyError(f"{path}: cannot be written ({reason(error)}).", remedy=remedy) from error


def _try(descriptor: int, path: Path) -> bool:
    """Whether the lock is had now; True, with a warning, where there are no locks."""
    try:
        if fcntl is None:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EINTR):
            return False
        if error.errno not in _UNSUPPORTED:
            raise
        _log.warning("%s: this disk knows no locks, so let only one program at a time write to it.", path)
    return True


def _is_current(descriptor: int, file: Path) -> bool:
    """Whether a lock file is still there under its name: who let go of it before has removed it."""
    try:
        there, here = os.stat(file), os.fstat(descriptor)
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)


def _write_owner(descriptor: int) -> None:
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200]
    owner = {"pid": os.getpid(), "command": command, "since": time.strftime("%H:%M:%S")}
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(owner).encode(), 0)
    except (OSError, AttributeError):  # a full disk, or no such call: the lock holds all the same
        return


def _too_long(path: Path, wait_s: float) -> StudyError:
    return StudyError(
        f"{path}: {holder(path)} has been writing to it for more than {wait_s:.0f} seconds.",
        remedy="Try again when it has ended; end it if it hangs.",
    )
