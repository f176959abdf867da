"""Finding the films of an import by their ids; their sizes, and what else their headers say."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from core.errors import DatasetError, StudyError, printable
from core.intake.dicom_header import DICOM_SUFFIXES, is_dicom, read_header
from core.intake.film_files import Film, head_of, read_film, why_not
from core.paths import inside
from core.study.folder import climbs
from core.study.layout import FILM_SUFFIXES

SUFFIXES: Final = (*FILM_SUFFIXES, *DICOM_SUFFIXES)
"""How the names of films end; a DICOM file may be called anything."""

_MOST_NAMED: Final = 20
_UID: Final = re.compile(r"[0-9]+(\.[0-9]+){3,}")
_HEADER_FIELDS: Final = ("age", "sex", "view")
_ELSEWHERE: Final = re.compile(r"[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://|~")
"""What begins a path that is not one below a folder: a drive, an address, a home."""


class FoundFilms(dict[str, tuple[str, Film]]):
    """By id: a film's POSIX path below the folder, and the film.

    left_out : by id, why a file that is there is not read as a film.
    """

    def __init__(self) -> None:
        super().__init__()
        self.left_out: dict[str, str] = {}


def find_films(folder: Path, image_ids: Sequence[str], names: Sequence[str] | None = None) -> FoundFilms:
    """Find for every id whose film is below a folder: its POSIX path there, and the film, by its header alone.

    names : what the films are called, by place in `image_ids`; the ids where None.
    Matching is `match_names`'. A DICOM file is known by its content, whatever its name ends in; names that are UIDs and
    no file's are looked for among the SOPInstanceUIDs of the others. Links that leave the folder are refused.
    Files that are no readable film are left out, and said why.
    Raises StudyError where there is no such folder, an id leaves it, or an id fits several files.
    """
    if not folder.is_dir():
        raise StudyError(f"{folder}: there is no such folder.", remedy="Check the path of the films.")
    called = dict(zip(image_ids, image_ids if names is None else names, strict=True))
    for name in {**called, **dict.fromkeys(called.values())}:
        if climbs(name) or _ELSEWHERE.match(name):
            raise _path_elsewhere(name)
    there = film_names(folder)
    matches = match_names(list(called.values()), there, str(folder))
    matches |= _match_uids([name for name in called.values() if name not in matches], folder, there, matches)
    files = {image_id: matches[name] for image_id, name in called.items() if name in matches}
    _require_apart(files, str(folder))
    return read_films(folder, files)


def read_films(folder: Path, names: Mapping[str, str]) -> FoundFilms:
    """Read the headers of films below a folder; those that are no readable film are left out, and said why.

    names : POSIX path below the folder, by id.
    Raises StudyError where a link leaves the folder.
    """
    found = FoundFilms()
    for image_id, name in names.items():
        path = inside(folder, name)
        try:
            found[image_id] = name, read_film(path)
        except DatasetError as error:
            found.left_out[image_id] = why_not(error, path)
    return found


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
            stems.setdefault(stem_of(key), []).append(name)
    matches: dict[str, str] = {}
    for image_id in image_ids:
        found = exact.get(image_id) or stems.get(image_id) or stems.get(stem_of(image_id)) or []
        if len(found) > 1:
            raise StudyError(
                f"{where}: image {image_id!r} fits {found[0]!r} and {found[1]!r}.",
                remedy="Keep one file for every image.",
            )
        if found:
            matches[image_id] = found[0]
    _require_apart(matches, where)
    return matches


def film_names(folder: Path) -> list[str]:
    """List the POSIX paths of all PNG, JPEG and DICOM files below a folder, sorted.

    By their endings, and DICOM files without one by their content. Folders that are links are not entered.
    """
    names = []
    for parent, _, files in os.walk(folder):
        prefix = Path(parent).relative_to(folder)
        names += [(prefix / name).as_posix() for name in files if is_film(Path(parent, name))]
    return sorted(names)


def is_film(path: Path) -> bool:
    """Tell by its ending whether a file is a PNG, JPEG or DICOM file, and a DICOM file without one by its content."""
    return path.name.lower().endswith(SUFFIXES) or is_dicom(head_of(path))


def stem_of(name: str) -> str:
    """Give a name without the ending of a film or a DICOM file; other dots belong to the name."""
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def left_out_note(left_out: Mapping[str, str], n_films: int, where: str = "") -> tuple[str, ...]:
    """Say in a sentence how many films could not be read, which, and why; nothing where all could.

    left_out : why, by id.  n_films : of how many.  where : the folder's name.
    """
    if not left_out:
        return ()
    named = [f"{image_id!r} ({why})" for image_id, why in list(left_out.items())[:_MOST_NAMED]]
    more = f" and {len(left_out) - _MOST_NAMED:,} more" if len(left_out) > _MOST_NAMED else ""
    start = f"{where}: " if where else ""
    return (
        f"{start}{len(left_out):,} of {n_films:,} films cannot be read and are left out: {', '.join(named)}{more}.",
    )


def with_headers(images: pd.DataFrame, films: Mapping[str, Film]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Take age, sex and view from the headers of DICOM films where the table gives none; and a sentence on how many.

    images : with a column image_id; what it says itself stands.
    films : by image_id.
    """
    filled, counts = images.copy(), {}
    headers = [_header(films.get(image_id)) for image_id in images["image_id"]]
    for field in _HEADER_FIELDS:
        said = pd.Series([of_film[field] for of_film in headers], images.index, dtype=object)
        blank = images[field].isna() if field in images else pd.Series(data=True, index=images.index)
        if n_new := int((blank & said.notna()).sum()):
            counts[field] = n_new
            filled[field] = _column(images[field].astype(object).where(~blank, said) if field in images else said)
    if not counts:
        return images, ()
    words = ", ".join(f"{field} of {n:,}" for field, n in counts.items())
    return filled, (f"From the headers of {len(images):,} films, where the table gives none: {words}.",)


def _header(film: Film | None) -> dict[str, float | str | None]:
    """What a film's header says, by field."""
    if film is None:
        return dict.fromkeys(_HEADER_FIELDS)
    return dict(zip(_HEADER_FIELDS, (film.age, film.sex, film.view), strict=True))


def _column(values: pd.Series) -> pd.Series:
    """Numbers where all are numbers, whole ones where all are whole; else text."""
    numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
    if (numbers.isna() & values.notna()).any():
        return values.map(str, na_action="ignore").astype("string")
    return numbers.astype("Int64") if (numbers.dropna() % 1 == 0).all() else numbers


def _match_uids(
    image_ids: Sequence[str], folder: Path, names: Sequence[str], taken: Mapping[str, str]
) -> dict[str, str]:
    """The files of ids that are UIDs, by what the headers of files that are no other id's say."""
    wanted = {stem_of(image_id): image_id for image_id in image_ids if _UID.fullmatch(stem_of(image_id))}
    found: dict[str, str] = {}
    for name in sorted(set(names) - set(taken.values())) if wanted else ():
        try:
            path = inside(folder, name)
            uid = read_header(path).uid if is_dicom(head_of(path)) else ""
        except DatasetError:  # not a film that could be meant
            continue
        if (image_id := wanted.get(uid)) is None:
            continue
        if image_id in found:
            message = f"{folder}: image {image_id!r} is the SOPInstanceUID of {found[image_id]!r} and {name!r}."
            raise StudyError(message, remedy="Keep one file for every image.")
        found[image_id] = name
    return found


def _require_apart(matches: dict[str, str], where: str) -> None:
    owners: dict[str, str] = {}
    for image_id, name in matches.items():
        if name in owners:
            message = f"{where}: {name!r} fits the images {owners[name]!r} and {image_id!r}."
            raise StudyError(message, remedy="Give every image a file of its own.")
        owners[name] = image_id
