"""Unpacking what was fetched: whole or not at all, beside whatever else is in the folder."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

from core.archives import Bounds, archived
from core.errors import DatasetError, FetchError
from core.files import forget_scratch, scratch_beside
from core.models.arrays import Progress
from core.paths import inside

AGAIN = "Run the same command again; what came was removed."


def unpack(archive: Path, folder: Path, bounds: Bounds, progress: Progress) -> int:
    """Unpack a .tgz into a folder, and return how many files it holds.

    Nothing is in the folder until the archive has been read to its checksum. What was there before stays.
    Raises DatasetError for an archive that is damaged or would write outside the folder, FetchError where a file of the
    same name and another content is there already; OSError where the disk refuses.
    """
    forget_scratch(folder.parent, folder.name)
    scratch = scratch_beside(folder)
    try:
        scratch.mkdir()
        names = _unpacked(archive, scratch, bounds, progress)
        _move_in(scratch, folder, names)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return len(names)


def _unpacked(archive: Path, scratch: Path, bounds: Bounds, progress: Progress) -> list[str]:
    names: list[str] = []
    for name, content in archived(archive, bounds, AGAIN):
        path = inside(scratch, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb") as file:
                shutil.copyfileobj(content, file)
        except FileExistsError as error:
            raise DatasetError(f"{archive}: holds {name!r} twice.", remedy=AGAIN) from error
        names.append(name)
        progress(len(names), len(names), "files unpacked")
    return names


def _move_in(scratch: Path, folder: Path, names: list[str]) -> None:
    """The folder takes the scratch folder's place, or its files beside those that are there."""
    if not folder.exists():
        scratch.rename(folder)
        return
    for name in names:
        there = inside(folder, name)
        if there.exists() and not (there.is_file() and filecmp.cmp(scratch / name, there, shallow=False)):
            raise FetchError(
                f"{there}: is there already, and is not the file of that name in the archive.",
                remedy="Move it elsewhere, then run the same command again; nothing is fetched twice.",
            )
    for name in names:
        there = inside(folder, name)
        there.parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).replace(there)
