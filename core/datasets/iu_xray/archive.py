"""The reports' archive, read without trusting it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.archives import Bounds, archived

MAX_FILES = 20_000
MAX_FILE_BYTES = 1 << 20
MAX_TOTAL_BYTES = 256 << 20
"""OpenI's archive holds 3,955 files of 4 to 10 kB, 22 MB unpacked."""

_AGAIN = "Download NLMCXR_reports.tgz again from OpenI, and do not use this copy."


def archived_files(path: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every file in a .tgz that ends with `suffix`,
    in the archive's order; nothing is written.

    Raises DatasetError for an archive that is broken, too large, or holds a link or a path that leaves it.
    """
    bounds = Bounds(MAX_FILES, MAX_FILE_BYTES, MAX_TOTAL_BYTES, "reports are small and few")
    for name, content in archived(path, bounds, _AGAIN):
        if name.lower().endswith(suffix):
            yield name, content.read()
