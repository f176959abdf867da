"""Reading a .tgz without trusting it: bounded in size and count, no links, no climbing paths, checked to its end."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from core.errors import DatasetError

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Bounds:
    """The most that an archive may hold.

    files : with folders.
    file_bytes : of one file.
    total_bytes : unpacked.

    expected : what such an archive holds, in words for the error.
    """

    files: int
    file_bytes: int
    total_bytes: int
    expected: str


def archived(path: Path, bounds: Bounds, remedy: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the name and open content of every file in a .tgz, in the archive's order; nothing is written.

    The archive is read to its end, so that its checksum has been compared when the last file has been taken.
    Raises DatasetError, with the remedy, for an archive that is broken, larger than its bounds, or holds a link, a
    device or a path that leaves it.
    """
    try:
        with gzip.open(path) as packed:
            bounded = _Bounded(packed, path, bounds, remedy)
            with tarfile.open(fileobj=bounded, mode="r|") as archive:
                for count, member in enumerate(archive, start=1):
                    _check(path, member, count, bounds, remedy)
                    if member.isfile():
                        content = archive.extractfile(member)
                        assert content is not None
                        yield member.name, content
            while bounded.read(_BLOCK):  # what follows the last file, and the checksum
                pass
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path}: is not a whole .tgz archive ({error}).", remedy=remedy) from error


def _check(path: Path, member: tarfile.TarInfo, count: int, bounds: Bounds, remedy: str) -> None:
    name = PurePosixPath(member.name)
    if not (member.isfile() or member.isdir()):
        raise DatasetError(f"{path}: {member.name!r} is a link or a device; files are expected.", remedy=remedy)
    if name.is_absolute() or ".." in name.parts or "\\" in member.name:
        raise DatasetError(f"{path}: the path {member.name!r} leaves the archive.", remedy=remedy)
    if count > bounds.files:
        raise DatasetError(f"{path}: has more than {bounds.files:,} files; {bounds.expected}.", remedy=remedy)
    if member.size > bounds.file_bytes:
        message = f"{path}: {member.name!r} has {member.size:,} bytes; {bounds.expected}."
        raise DatasetError(message, remedy=remedy)


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than the whole archive can hold."""

    def __init__(self, stream: gzip.GzipFile, path: Path, bounds: Bounds, remedy: str) -> None:
        self._stream, self._path, self._bounds, self._remedy = stream, path, bounds, remedy
        self._left = bounds.total_bytes

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(min(size, _BLOCK) if size >= 0 else _BLOCK)
        self._left -= len(content)
        if self._left < 0:
            message = f"{self._path}: unpacks to more than {self._bounds.total_bytes:,} bytes."
            raise DatasetError(message, remedy=self._remedy)
        return content
