"""The files of a study's folder against its manifest: presence, size, hash, and that no path leaves the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from core.errors import StudyError
from core.files import PARTIAL, reading, sha256_of
from core.paths import inside
from core.study.layout import NOT_PARTS
from core.study.manifest import MANIFEST, Manifest

AGAIN = "Get the study again from its source, or build or import it again."


def read_manifest(root: Path) -> Manifest:
    """Read the manifest of the study in a folder; StudyError where there is none, or it is not one."""
    if not root.is_dir():
        raise StudyError(f"{root}: there is no such folder.", remedy="Check the path of the study.")
    if root.name.endswith(PARTIAL):
        raise StudyError(
            f"{root}: is a study that was not written to its end.",
            remedy="Run the command that was writing it again; this folder may be deleted.",
        )
    path = root / MANIFEST
    if not path.is_file():
        raise StudyError(
            f"{root}: is not a study, for it has no {MANIFEST}.",
            remedy="Name the folder that holds the manifest, or make one with `python -m core build` or "
            "`python -m core import`.",
        )
    with reading(path, "cannot be read", remedy=AGAIN):
        text = path.read_bytes().decode()
    return Manifest.from_json(text, str(path))


def stored_files(root: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    """Give the size in bytes of every file below a folder by POSIX path,
    and the links among them, which are not followed.
    """
    sizes: dict[str, int] = {}
    links: list[str] = []
    waiting = [("", root)]
    while waiting:
        prefix, folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                name = prefix + entry.name
                if entry.is_symlink():
                    links.append(name)
                elif entry.is_dir():
                    waiting.append((f"{name}/", Path(entry.path)))
                else:
                    sizes[name] = entry.stat().st_size
    return sizes, tuple(sorted(links))


def climbs(relative: str) -> bool:
    """Tell whether a POSIX path could lead out of the folder that it is joined to."""
    return not relative or relative.startswith("/") or "\\" in relative or ".." in relative.split("/")


def file_problems(root: Path, manifest: Manifest) -> Iterator[StudyError]:
    """Find the paths that leave the folder, links, files that are missing and files of the wrong size."""
    for relative in manifest.files:
        if climbs(relative):
            inside(root, relative)
            yield StudyError(f"{root}: the manifest names a file {relative!r}.", remedy=AGAIN)
    sizes, links = stored_files(root)
    for link in links:
        yield StudyError(
            f"{root}: {link!r} is a link; a study holds its files itself.",
            remedy="Do not open this study unless you trust its source; copy it with links followed.",
        )
    for relative, entry in manifest.files.items():
        if relative not in sizes:
            if relative not in links:
                yield StudyError(f"{root}: {relative} is missing, but the manifest lists it.", remedy=AGAIN)
        elif sizes[relative] != entry.n_bytes:
            found, expected = f"{sizes[relative]:,}", f"{entry.n_bytes:,}"
            yield StudyError(f"{root}: {relative} has {found} bytes; the manifest says {expected}.", remedy=AGAIN)


def hash_problems(root: Path, manifest: Manifest) -> Iterator[StudyError]:
    """Find the files whose content is not what was written (of the size that was),
    and files that the manifest does not list.
    """
    sizes, _ = stored_files(root)
    for relative, entry in manifest.files.items():
        if sizes.get(relative) == entry.n_bytes and sha256_of(root / relative) != entry.sha256:
            yield StudyError(f"{root}: {relative} has changed since the study was written.", remedy=AGAIN)
    for relative in sorted(set(sizes) - set(manifest.files) - {MANIFEST, *NOT_PARTS}):
        if not any(part.startswith(".") for part in PurePosixPath(relative).parts):
            remedy = "Take the file out of the folder, or build or import the study again."
            yield StudyError(f"{root}: {relative} is not in the manifest.", remedy=remedy)
