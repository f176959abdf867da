"""Whether a study's files are those that were written: each is hashed once before it is used, and when it changes."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Final, Literal

from core.errors import ReplacedError, StudyError
from core.files import reason, sha256_of
from core.paths import inside
from core.recent import Recent
from core.study.folder import AGAIN, read_manifest
from core.study.layout import FILMS
from core.study.manifest import Manifest
from core.study.value_checks import value_problems

LARGE_BYTES: Final = 32_000_000
"""Opening a study reads parts up to this size, about 20 ms each; larger ones are read and hashed when they are used."""

State = Literal["pending", "checking", "sound", "damaged"]

_Identity = tuple[int, int, int, int]
_SETTLED_NS: Final = 100_000_000
"""A file that was written to just now may be written to again without another time."""
_KEPT: Final = 4096
_known: Recent[_Identity, str] = Recent(_KEPT)
"""Hashes of files that have not changed since: a study that is put together anew shares most of its files."""


class SoundParts:
    """The parts of one study, by their hashes in the manifest. Films are left out: `check_study` reads those."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self._root, self._manifest = root, manifest
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._fine: set[str] = set()
        self.state: State = "sound" if not self.large else "pending"
        self.problem: StudyError | None = None

    @property
    def small(self) -> tuple[str, ...]:
        """List what is hashed on opening."""
        return tuple(part for part in self._parts if self._manifest.files[part].n_bytes <= LARGE_BYTES)

    @property
    def large(self) -> tuple[str, ...]:
        """List what is hashed when it is used, or in the background."""
        return tuple(part for part in self._parts if self._manifest.files[part].n_bytes > LARGE_BYTES)

    @property
    def _parts(self) -> tuple[str, ...]:
        return tuple(part for part in self._manifest.files if not part.startswith(f"{FILMS}/"))

    def path(self, part: str) -> Path:
        """Say where a part is; StudyError where it is not what was written.
        Hashed unless that is known of this file. The numbers of a large part are looked at then, too.
        """
        path = inside(self._root, part)
        with self._locks[part]:
            if _hash_of(path) != self._manifest.files[part].sha256:
                raise self._changed(part)
            if part not in self._fine and self._manifest.files[part].n_bytes > LARGE_BYTES:
                for problem in value_problems(path, self._manifest, part):
                    raise problem
                self._fine.add(part)
        return path

    def check_in_background(self) -> None:
        """Begin to hash the large parts, once; `state` and `problem` say what came of it."""
        if self.state == "pending":
            self.state = "checking"
            threading.Thread(target=self._check_large, name="hash the study", daemon=True).start()

    def _check_large(self) -> None:
        for part in self.large:
            try:
                self.path(part)
            except StudyError as problem:
                self.problem, self.state = problem, "damaged"
                return
        self.state = "sound"

    def _changed(self, part: str) -> StudyError:
        if _manifest_there(self._root) not in (None, self._manifest):
            message = f"{self._root}: another study has taken its place since it was opened."
            return ReplacedError(message, remedy="Open it again; in the app, load the page again.")
        return StudyError(f"{self._root}: {part} has changed since the study was written.", remedy=AGAIN)


def _manifest_there(root: Path) -> Manifest | None:
    try:
        return read_manifest(root)
    except StudyError:
        return None


def _hash_of(path: Path) -> str:
    """The SHA-256 of a file; known without reading it where the file is the same as when it was read."""
    try:
        before = _identity(path)
        if (known := _known.get(before)) is not None:
            return known
        found = sha256_of(path)
        if before == _identity(path) and time.time_ns() - before[3] >= _SETTLED_NS:
            _known.put(before, found)
        return found
    except OSError as error:
        raise StudyError(f"{path}: cannot be read ({reason(error)}).", remedy=AGAIN) from error


def _identity(path: Path) -> _Identity:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
