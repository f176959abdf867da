"""Reading the reports' archive without trusting it: bounded in size and count, no links, no climbing paths."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from core.errors import DatasetError

MAX_FILES = 20_000
MAX_FILE_BYTES = 1 << 20
MAX_TOTAL_BYTES = 256 << 20
"""OpenI's archive holds 3,955 files of 4 to 10 kB, 22 MB unpacked."""

_AGAIN = "Download NLMCXR_reports.tgz again from OpenI, and do not use this copy."


def archived_files(path: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file in a .tgz that ends with `suffix`, in the archive's order; nothing is written.

    Raises DatasetError for an archive that is broken, too large, or holds a link or a path that leaves it.
    """
    try:
        with gzip.open(path) as packed, tarfile.open(fileobj=_Bounded(packed, path), mode="r|") as archive:
            for count, member in enumerate(archive, start=1):
                _check(path, member, count)
                if member.isfile() and member.name.lower().endswith(suffix):
                    content = archive.extractfile(member)
                    assert content is not None
                    yield member.name, content.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path}: is not a whole .tgz archive ({error}).", remedy=_AGAIN) from error


def _check(path: Path, member: tarfile.TarInfo, count: int) -> None:
    name = PurePosixPath(member.name)
    if not (member.isfile() or member.isdir()):
        raise DatasetError(f"{path}: {member.name!r} is a link or a device; files are expected.", remedy=_AGAIN)
    if name.is_absolute() or ".." in name.parts or "\\" in member.name:
        raise DatasetError(f"{path}: the path {member.name!r} leaves the archive.", remedy=_AGAIN)
    if member.size > MAX_FILE_BYTES or count > MAX_FILES:
        what = (
            f"{member.name!r} has {member.size:,} bytes" if count <= MAX_FILES else f"has more than {MAX_FILES:,} files"
        )
        raise DatasetError(f"{path}: {what}; reports are small and few.", remedy=_AGAIN)


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than the whole archive can hold."""

    def __init__(self, stream: gzip.GzipFile, path: Path) -> None:
        self._stream, self._path, self._left = stream, path, MAX_TOTAL_BYTES

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._left -= len(content)
        if self._left < 0:
            raise DatasetError(f"{self._path}: unpacks to more than {MAX_TOTAL_BYTES:,} bytes.", remedy=_AGAIN)
        return content
