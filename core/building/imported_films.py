"""The films of an import made ready for its study: read whole, their pixels and nothing else of their files kept.

What is finished lies in a folder beside the study, so that an import that was stopped goes on where it was.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from core.building.prefetch import prefetch
from core.building.stored_film import film_content
from core.errors import DatasetError
from core.files import digest, write_whole
from core.intake.dicom_beside import READERS
from core.intake.film_files import Film, read_picture, why_not
from core.intake.films import stem_of
from core.pictures import PNG_SIGNATURE

_RECORDS: Final = "films.jsonl"
_AHEAD: Final = 8
"""Films that are read ahead for every thread."""


@dataclass(frozen=True)
class ReadyFilm:
    """A film that was read whole, or could not be.

    key : of its file, as it was.
    name : POSIX path below the study's folder of films, made of its image_id. Where it lay goes nowhere, as folders of
        DICOM files are often called after patients.
    content : the file in the scratch folder that holds it; None where the film's own holds nothing else.
    why : it cannot be read; None where it was. kind, is_coloured, is_deep, said : see `GreyPicture`.
    """

    key: str
    name: str
    content: str | None = None
    why: str | None = None
    kind: str = ""
    is_coloured: bool = False
    is_deep: bool = False
    said: Sequence[str] = ()


def ready_films(
    films: Mapping[str, tuple[str, Film]], scratch: Path, progress: Callable[[int, int, str], None]
) -> dict[str, ReadyFilm]:
    """Read every film and keep what the study will store of it; give what came of it, by image_id.

    films : by image_id, the POSIX path below their folder, and the film.
    scratch : a folder of this import's own; films found finished there, whose files are as they were, are not read.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    before = {ready.key: ready for ready in _recorded(scratch / _RECORDS)}
    ready: dict[str, ReadyFilm] = {}

    def read(image_id: str) -> ReadyFilm:
        name, film = films[image_id]
        key = _key(image_id, name, film)
        return before.get(key) or _read(key, image_id, film, scratch)

    threads = os.cpu_count() or 1
    try:
        with (scratch / _RECORDS).open("a", encoding="utf-8") as records:
            for image_id, one in zip(
                films, prefetch(read, films, workers=threads, depth=_AHEAD * threads), strict=True
            ):
                ready[image_id] = one
                if one.key not in before:
                    records.write(json.dumps(asdict(one)) + "\n")
                    records.flush()
                progress(len(ready), len(films), "films read")
    finally:
        READERS.end()
    return ready


def forget(scratch: Path) -> None:
    """Remove what was finished; the study has it."""
    shutil.rmtree(scratch, ignore_errors=True)


def notes_of(ready: Sequence[ReadyFilm]) -> tuple[str, ...]:
    """Say in sentences how the greys of the films that were read came about, and what is odd about some."""
    read = [one for one in ready if one.why is None]
    n_deep, n_coloured = sum(one.is_deep for one in read), sum(one.is_coloured for one in read)
    ends = "the lowest grey of each is shown black, its highest white, but for one pixel in 100,000"
    deep = f"{n_deep:,} of {len(read):,} films have more than 8 bits: {ends}."
    coloured = f"{n_coloured:,} of {len(read):,} films are colour pictures, turned to grey."
    said = Counter(_without_numbers(note) for one in read for note in one.said)
    of_dicom = [f"{n:,} of {len(read):,} films: {note}." for note, n in sorted(said.items())]
    return (*((deep,) if n_deep else ()), *((coloured,) if n_coloured else ()), *of_dicom)


def _without_numbers(note: str) -> str:
    """What is the same for many films: a window's numbers make another sentence of each."""
    start, *rest = re.split("[:;]", note, maxsplit=1)
    return start if any(sign.isdigit() for sign in "".join(rest)) else note.rstrip(".")


def _read(key: str, image_id: str, film: Film, scratch: Path) -> ReadyFilm:
    try:
        picture = read_picture(film.path)
    except DatasetError as error:
        return ReadyFilm(key, image_id, why=why_not(error, film.path))
    height, width = picture.pixels.shape
    if (height, width) != (film.height_px, film.width_px):
        return ReadyFilm(key, image_id, why=f"it has {height} x {width} pixels, not {film.height_px} x {film.width_px}")
    content = film_content(picture, film.path)
    name = stem_of(image_id) + (".png" if content.startswith(PNG_SIGNATURE) else ".jpg")
    kept = None
    if picture.kind == "DICOM" or content != film.path.read_bytes():
        kept = digest(key)
        write_whole(scratch / kept, content, durable=False)
    return ReadyFilm(key, name, kept, None, picture.kind, picture.is_coloured, picture.ends is not None, picture.said)


def _key(image_id: str, name: str, film: Film) -> str:
    """What is another where another film is in its file's place."""
    status = film.path.stat()
    return json.dumps([image_id, name, str(film.path), status.st_size, status.st_mtime_ns])


def _recorded(path: Path) -> Iterator[ReadyFilm]:
    """The films that were finished before; a line that was cut off is none."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            ready = ReadyFilm(**json.loads(line))
        except (ValueError, TypeError):
            continue
        if ready.why is None and (ready.content is None or (path.parent / ready.content).is_file()):
            yield ready
