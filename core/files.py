"""Files: written whole or not at all, hashed, and read with one guard around whatever a foreign reader raises."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from platform import node
from typing import Any, Final

from core.errors import CoreError, StudyError, printable

PARTIAL: Final = ".partial"
"""Ending of files and folders that are still being written."""

_HOST: Final = f"{zlib.crc32(node().encode()):08x}"
_FORGOTTEN_S: Final = 86_400.0
"""What another computer began to write and has not ended after a day is left over."""
_STREAMS: Final = ("/dev/", "/proc/")
_MOST_DIGITS: Final = 300
"""Digits of a whole number in JSON: more would be no number to anything that counts with it."""


@contextmanager
def written(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give a scratch path beside `path` to write to; the file takes its place whole, or nothing changes.

    durable : whether it is on the disk when this returns, so that a power cut keeps the old or the new. Without it only
        a process that is killed does; for many small files that can be made again, where a flush each takes long.
    """
    scratch = scratch_beside(path)
    try:
        yield scratch
        if durable:
            flush(scratch)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    if durable:
        flush(path.parent)


def write_whole(path: Path, content: bytes | str, *, durable: bool = True) -> None:
    """Write a file whole or not at all, as `written` does; text as UTF-8."""
    with written(path, durable=durable) as scratch:
        scratch.write_bytes(content if isinstance(content, bytes) else content.encode())


def write_out(path: Path, content: str) -> None:
    """Write a file that a user asked for, as UTF-8: whole or not at all, and what stands there stays until it is.

    A link stays one, and its target is written. What is a stream rather than a file, such as /dev/stdout, is written to
    as it comes. What an earlier run that was ended had begun there is removed.
    Raises StudyError where it cannot be written.
    """
    try:
        if path.absolute().as_posix().startswith(_STREAMS) or (path.exists() and not path.is_file()):
            with path.open("wb") as stream:
                stream.write(content.encode())
            return
        place = path.resolve()
        forget_scratch(place.parent, place.name)
        write_whole(place, content)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        message = f"{path}: cannot be written ({reason(error)})."
        raise StudyError(message, remedy="Check space, permissions and path.") from error


@contextmanager
def written_folder(path: Path) -> Iterator[Path]:
    """Give an empty scratch folder beside `path` to fill; it takes the place of what is there whole, or not at all."""
    scratch = scratch_beside(path)
    scratch.mkdir(parents=True)
    try:
        yield scratch
        for below in scratch.rglob("*"):
            flush(below)
        flush(scratch)
        move_into_place(scratch, path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def move_into_place(scratch: Path, out: Path, *, stands: Callable[[], None] = lambda: None) -> None:
    """Rename a folder to `out`; one that was there waits aside until the new one stands, and comes back if it fails.

    stands : raises where what is at `out` now is not what it should be.
    """
    aside = aside_of(out)
    shutil.rmtree(aside, ignore_errors=True)
    if out.exists():
        out.rename(aside)
    try:
        scratch.rename(out)
        stands()
    except BaseException:
        if aside.exists():
            if out.exists():
                out.rename(scratch)
            aside.rename(out)
        raise
    flush(out.parent)
    shutil.rmtree(aside, ignore_errors=True)


def aside_of(out: Path) -> Path:
    """Say where a folder waits while another takes its place."""
    return out.with_name(f"{out.name}.replaced{PARTIAL}")


def put_aside(path: Path) -> Path | None:
    """Tell whose place a folder waits for that `aside_of` names; None where it is no such folder."""
    name = path.name.removesuffix(f".replaced{PARTIAL}")
    return None if name == path.name else path.with_name(name)


def restore_aside(out: Path) -> None:
    """Move a folder back that waits aside, where the computer stopped before the new one was in place."""
    aside = aside_of(out)
    if aside.is_dir() and not out.exists():
        aside.rename(out)


def scratch_beside(path: Path) -> Path:
    """Make a name of this process's own beside a path: nobody else writes to it, and whose it was can be told."""
    return path.with_name(f"{path.name}.{_HOST}-{os.getpid()}-{secrets.token_hex(4)}{PARTIAL}")


def forget_scratch(folder: Path, name: str | None = None, *, process: int | None = None) -> None:
    """Remove what ended processes had begun to write into a folder.

    name : of the file or folder that was to be written; None is any.
    process : the one that has ended; None is all that have.
    """
    named = ".+" if name is None else re.escape(name)
    pattern = re.compile(rf"{named}\.([0-9a-f]{{8}})-(\d+)-[0-9a-f]{{8}}{re.escape(PARTIAL)}")
    for path in folder.iterdir() if folder.is_dir() else ():
        found = pattern.fullmatch(path.name)
        if found and _is_left_over(path, found[1], int(found[2]), process):
            remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it; what is gone or cannot be removed is passed over."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_left_over(path: Path, host: str, pid: int, ended: int | None) -> bool:
    if host == _HOST:
        return pid == ended if ended is not None else not _is_alive(pid)
    try:
        return ended is None and time.time() - path.stat().st_mtime > _FORGOTTEN_S
    except OSError:
        return False


def _is_alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # there, signal 0 would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk; where the system has no such thing for folders, do nothing."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Compute the file's SHA-256 as 64 hex digits.
    Raises StudyError where it is no file, OSError where it cannot be read.
    """
    require_file(path)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest(
    content: object,
    n_digits: int = 64,
    *,
    compact: bool = False,
    ascii: bool = True,
    default: Callable[[Any], Any] | None = None,
) -> str:
    """Hash a text, or JSON values, to hex digits: equal values give equal digits, in whatever order objects have keys.

    compact : without blanks.
    ascii : with other signs written out. Both give other digits, and digests that are kept in files must stay as they
        are.
    default : what a value that is not JSON counts as.
    """
    separators = (",", ":") if compact else (", ", ": ")
    text = content
    if not isinstance(text, str):
        text = json.dumps(content, sort_keys=True, separators=separators, ensure_ascii=ascii, default=default)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:n_digits]


def require_file(path: Path, *, says: str = "cannot be read", error: type[CoreError] = StudyError) -> None:
    """Raise where a path is no file: nothing, a folder, or a pipe or device, which might never end."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise error(f"{path}: {says} (there is no such file).", remedy="Check the path.") from None
    except (OSError, ValueError) as problem:
        message = f"{path}: {says} ({reason(problem)})."
        raise error(message, remedy="Check the path.") from problem
    if not stat.S_ISREG(mode):
        raise error(f"{path}: {says} (it is {kind_of(mode)}, and a file was expected).", remedy="Check the path.")


def kind_of(mode: int) -> str:
    """Name what stands in a file's place, by the mode that `Path.stat` gives: a folder, a pipe, a device."""
    kinds = (
        (stat.S_ISREG, "a file"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((name for is_kind, name in kinds if is_kind(mode)), "a device")


@contextmanager
def reading(path: Path, says: str, *, remedy: str, error: type[CoreError] = StudyError) -> Iterator[None]:
    """Guard the reading of a file that others wrote: whatever its reader raises becomes one sentence.

    says : what is wrong where it cannot be read, such as "is not JSON".
    error : of which kind.
    """
    require_file(path, says=says, error=error)
    try:
        yield
    except CoreError:
        raise
    except PermissionError as problem:
        raise error(f"{path}: cannot be read ({reason(problem)}).", remedy="Check the file's permissions.") from problem
    except Exception as problem:
        raise error(f"{path}: {says} ({reason(problem)}).", remedy=remedy) from problem


def reason(error: BaseException) -> str:
    """Say what an exception says, as one short line that can be printed."""
    said = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
    return printable(" ".join(str(said).split()).rstrip("."), 240)


def json_in(text: str | bytes, *, bounded: bool = True) -> Any:
    """Read the values in a JSON text, from UTF-8 with or without a mark of its byte order.

    bounded : whether numbers that are too large are an error; else they come as infinity, for readers that check every
        number and can say where it stands.
    Raises ValueError, with what is wrong, for what is no JSON or could not be handed on: NaN and infinity, halves of
    signs (lone surrogates), and what is nested too deep.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    try:
        content = json.loads(text, parse_constant=_refuse_constant, parse_int=_whole)
        json.dumps(content, ensure_ascii=False, allow_nan=not bounded).encode()
    except UnicodeEncodeError as error:
        raise ValueError("it holds half a sign, a lone surrogate") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    return content


def read_json(path: Path, *, remedy: str, error: type[CoreError] = StudyError, bounded: bool = True) -> Any:
    """Read the values in a JSON file, as `json_in` reads them; an error with the path where they cannot be read."""
    with reading(path, "is not JSON", remedy=remedy, error=error):
        return json_in(path.read_bytes(), bounded=bounded)


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not allowed")


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits[:1] + "9" * _MOST_DIGITS + "e99")
