"""One file over a network: resumed where it broke off, compared with what was published, whole or not at all."""

from __future__ import annotations

import http.client
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import FetchError
from core.fetching.remote import RemoteFacts, begins_at, open_range, reason
from core.files import sha256_of
from core.models.arrays import Progress

_BLOCK = 1 << 18
ATTEMPTS = 8
"""In a row that bring no byte, before it is given up."""


def download(url: str, path: Path, expected: RemoteFacts, progress: Progress, *, pause_s: float = 1.0) -> str:
    """Fetch a file to `path` and return its SHA-256, in hex.

    What an earlier run left in `<path>.part` is gone on from. pause_s : before the second attempt, doubled for each
    further one that brings nothing.
    Raises FetchError where the network stays away, the disk is full, or the file is not what was published; what came
    is then removed, so that the next run begins anew.
    """
    part = path.with_name(f"{path.name}.part")
    _forget_other(part, expected)
    failures = 0
    while not _is_whole(part, expected):
        before = _length(part)
        try:
            _receive(url, part, expected, progress)
            if expected.n_bytes is None:
                break
        except urllib.error.HTTPError as error:
            raise FetchError(f"{url}: the server answered {error.code}.", remedy="Try again later.") from error
        except (http.client.HTTPException, OSError) as error:  # a URLError, a broken TLS stream, no route: all pass
            said = reason(error)
        else:
            said = "the connection ended early"
        failures = 0 if _length(part) > before else failures + 1
        if failures >= ATTEMPTS:
            message = f"{url}: {failures} attempts in a row brought nothing ({said}); {before:,} bytes are kept."
            raise FetchError(message, remedy="Run the same command again to go on from there.")
        time.sleep(min(pause_s * 2**failures, 30.0) if failures else 0.0)
    sha256 = _checked(url, part, expected)
    part.replace(path)
    _note(part).unlink(missing_ok=True)
    return sha256


def _receive(url: str, part: Path, expected: RemoteFacts, progress: Progress) -> None:
    """Append what the server gives to the partial file, until it is whole or the connection ends.

    FetchError where the disk refuses; what the network raises is raised.
    """
    with open_range(url, _length(part), expected.etag) as answer:
        start = begins_at(answer)
        with _writing(part):
            file = part.open("r+b" if part.is_file() else "wb", buffering=0)
        with file:
            with _writing(part):
                file.seek(start)
                file.truncate()
            done = start
            while block := answer.read1(_BLOCK):
                with _writing(part):
                    written = file.write(block)
                    while written < len(block):
                        written += file.write(block[written:])
                done += len(block)
                progress(done, expected.n_bytes or done, part.name.removesuffix(".part"))


@contextmanager
def _writing(part: Path) -> Iterator[None]:
    """What the disk raises becomes a FetchError, so that it is not taken for the network's."""
    try:
        yield
    except OSError as error:
        message = f"{part}: cannot be written ({reason(error)}); {_length(part):,} bytes are kept."
        raise FetchError(message, remedy="Make room, then run the same command again to go on from there.") from error


def _checked(url: str, part: Path, expected: RemoteFacts) -> str:
    sha256 = sha256_of(part)
    wrong = ""
    if expected.n_bytes is not None and _length(part) != expected.n_bytes:
        wrong = f"{_length(part):,} bytes came, {expected.n_bytes:,} were published"
    elif expected.sha256 is not None and sha256 != expected.sha256:
        wrong = f"its SHA-256 is {sha256[:16]}..., published is {expected.sha256[:16]}..."
    if wrong:
        part.unlink()
        _note(part).unlink(missing_ok=True)
        raise FetchError(f"{url}: {wrong}; what came was removed.", remedy="Run the same command again.")
    return sha256


def _forget_other(part: Path, expected: RemoteFacts) -> None:
    """Remove a partial file of another version of the file; note which version this is."""
    version = f"{expected.etag} {expected.n_bytes} {expected.sha256}"
    note = _note(part)
    if not note.is_file() or note.read_text(encoding="utf-8") != version:
        part.unlink(missing_ok=True)
        note.write_text(version, encoding="utf-8")


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.version")


def _is_whole(part: Path, expected: RemoteFacts) -> bool:
    return expected.n_bytes is not None and _length(part) >= expected.n_bytes


def _length(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0
