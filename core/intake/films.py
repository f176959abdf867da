"""Finding the films of an import by their ids, and reading their sizes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import PictureError, StudyError, printable
from core.paths import inside
from core.pictures import picture_size, read_whole
from core.study.folder import climbs
from core.study.layout import FILM_SUFFIXES
from core.study.table_checks import counted

_ELSEWHERE = re.compile(r"[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://|~")
"""What begins a path that is not one below a folder: a drive, an address, a home."""


@dataclass(frozen=True)
class Film:
    """A film on disk and its size in pixels, upright."""

    path: Path
    height_px: int
    width_px: int


def find_films(folder: Path, image_ids: Sequence[str]) -> dict[str, tuple[str, Film]]:
    """Find for every id whose film is below a folder: its POSIX path there, and the film.

    Matching is `match_names`'. Links that leave the folder are refused.
    Raises StudyError where there is no such folder, an id leaves it, or a film is not a readable PNG or JPEG.
    """
    if not folder.is_dir():
        raise StudyError(f"{folder}: there is no such folder.", remedy="Check the path of the films.")
    for image_id in image_ids:
        if climbs(image_id) or _ELSEWHERE.match(image_id):
            raise _path_elsewhere(image_id)
    matches = match_names(image_ids, _film_names(folder), str(folder))
    return {image_id: (name, read_film(inside(folder, name))) for image_id, name in matches.items()}


def _path_elsewhere(image_id: str) -> StudyError:
    """What to write for an id that is no path below the folder of the films."""
    is_below = "\\" in image_id and ".." not in re.split(r"[\\/]", image_id)
    words = "is a path of Windows" if is_below else "leaves the folder of the films"
    name = re.split(r"[\\/]", image_id)[-1] or "film.png"
    return StudyError(
        f"The image_id '{printable(image_id, 80)}' {words}; films are found by their paths below --images, with '/'.",
        remedy=f"Write the file's name alone, here {name!r}, or its path below that folder with '/', in the column "
        "image_id of all tables.",
    )


def match_names(image_ids: Sequence[str], names: Iterable[str], where: str) -> dict[str, str]:
    """Tell which of the file names belongs to which id, for the ids that have one.

    By the exact name, then the id and a film's ending, then without endings on either side ("1.png" and "1.jpg");
    folders in a name count only where the id has them too.
    Raises StudyError where an id fits several files, or several ids fit one.
    """
    exact: dict[str, list[str]] = {}
    stems: dict[str, list[str]] = {}
    for name in names:
        for key in dict.fromkeys((name, name.rsplit("/", 1)[-1])):
            exact.setdefault(key, []).append(name)
            stems.setdefault(_stem(key), []).append(name)
    matches: dict[str, str] = {}
    for image_id in image_ids:
        found = exact.get(image_id) or stems.get(image_id) or stems.get(_stem(image_id)) or []
        if len(found) > 1:
            raise StudyError(
                f"{where}: image {image_id!r} fits {found[0]!r} and {found[1]!r}.",
                remedy="Keep one file for every image.",
            )
        if found:
            matches[image_id] = found[0]
    _require_apart(matches, where)
    return matches


def read_film(path: Path) -> Film:
    """Read a PNG or JPEG's size as it is shown, from its header."""
    try:
        return Film(path, *picture_size(path))
    except PictureError as error:
        raise StudyError(f"{path}: {error.message}.", remedy=error.remedy) from error


def require_whole_films(films: Iterable[Film]) -> tuple[str, ...]:
    """Read every film whole, and say in sentences how many were turned to 8-bit greys.

    Raises StudyError, with their names, where films are damaged.
    """
    read = list(read_whole((film.path, (film.height_px, film.width_px)) for film in films))
    problems = [entry.problem for entry in read if entry.problem is not None]
    if problems:
        others = [entry.path.name for entry in read if entry.problem is not None][1:]
        also = f" {counted(others, 'other film', 'other films')} damaged, too." if others else ""
        raise StudyError(problems[0].message + also, remedy=problems[0].remedy)
    n_deep, n_coloured = sum(entry.is_deep for entry in read), sum(entry.is_coloured for entry in read)
    ends = "the lowest grey of each is shown black, its highest white"
    deep = f"{n_deep:,} of {len(read):,} films have more than 8 bits: {ends}."
    coloured = f"{n_coloured:,} of {len(read):,} films are colour pictures, turned to grey."
    return (*((deep,) if n_deep else ()), *((coloured,) if n_coloured else ()))


def _film_names(folder: Path) -> list[str]:
    """POSIX paths of all PNG and JPEG files below a folder, sorted; folders that are links are not entered."""
    names = []
    for parent, _, files in os.walk(folder):
        prefix = Path(parent).relative_to(folder)
        names += [(prefix / name).as_posix() for name in files if name.lower().endswith(FILM_SUFFIXES)]
    return sorted(names)


def _stem(name: str) -> str:
    """A name without the ending of a film or a DICOM file; other dots belong to the name."""
    for suffix in (*FILM_SUFFIXES, ".dcm", ".dicom"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _require_apart(matches: dict[str, str], where: str) -> None:
    owners: dict[str, str] = {}
    for image_id, name in matches.items():
        if name in owners:
            message = f"{where}: {name!r} fits the images {owners[name]!r} and {image_id!r}."
            raise StudyError(message, remedy="Give every image a file of its own.")
        owners[name] = image_id
