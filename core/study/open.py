"""Opening a study after quick checks, and looking for everything that is wrong with one, hashes included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.annotations.annotation import check_annotation
from core.errors import CoreError
from core.pictures import read_whole
from core.study.checks import CHECKS
from core.study.folder import hash_problems, read_manifest
from core.study.layout import MASKS
from core.study.read import Study


def open_study(path: Path | str) -> Study:
    """The study in a folder, checked by everything but the hashes of its files (`check_study` does those).

    Raises StudyError, naming the first problem: not a study, a newer version, paths that leave the folder, missing or
    truncated files, rows that do not join, wrong dtypes or values, a patient in two splits.
    """
    root = Path(path).resolve()
    study = Study(root, read_manifest(root))
    for check in CHECKS:
        for problem in check(study):
            raise problem
    return study


def check_study(path: Path | str) -> list[CoreError]:
    """All problems that can be found, most basic first; an empty list for a sound study.

    Looks at what `open_study` looks at, at the SHA-256 of every file, and at every film to its last pixel; goes on
    after a problem where it can.
    """
    root = Path(path).resolve()
    try:
        study = Study(root, read_manifest(root))
    except CoreError as problem:
        return [problem]
    problems: list[CoreError] = []
    for check in CHECKS:
        try:
            problems.extend(check(study))
        except CoreError as problem:
            problems.append(problem)
    problems.extend(hash_problems(root, study.manifest))
    return problems or [*_geometry_problems(study), *_film_problems(study)]


def _film_problems(study: Study) -> Iterator[CoreError]:
    """Films that cannot be read to their end, or are of another size than is recorded."""
    rows = study.images_table.select(["image_id", "height_px", "width_px"]).to_pylist()
    films = [
        (path, None if row["height_px"] is None else (row["height_px"], row["width_px"]))
        for row in rows
        if (path := study.film_path(row["image_id"])) is not None
    ]
    yield from (read.problem for read in read_whole(films) if read.problem is not None)


def _geometry_problems(study: Study) -> Iterator[CoreError]:
    """Annotations whose geometry would not give a mask."""
    for number, annotation in enumerate(study.annotations()):
        try:
            check_annotation(annotation, f"{study.root / MASKS}: annotation {number} of {annotation.image_id!r}")
        except CoreError as problem:
            yield problem
