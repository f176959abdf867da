"""Opening a study after quick checks, and looking for everything that is wrong with one, hashes included."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from core.annotations.annotation import check_annotation
from core.errors import CoreError, StudyError
from core.files import aside_of, reason, restore_aside
from core.locks import only_writer
from core.pictures import read_whole
from core.study.checks import CHECKS, WHOLE_CHECKS
from core.study.folder import hash_problems, read_manifest
from core.study.layout import MASKS
from core.study.manifest import MANIFEST
from core.study.read import Study

REPLACED_S: Final = 5.0
"""How long a study that is being replaced is tried again."""

Result = TypeVar("Result")


def open_study(path: Path | str) -> Study:
    """Open the study in a folder, checked by everything but its films and the hashes of large parts.

    Large parts are hashed when they are first used (`SoundParts`), films by `check_study`. Where the study is being
    replaced it is read again.
    Raises StudyError, naming the first problem: not a study, a newer version, paths that leave the folder, missing,
    truncated or changed files, rows that do not join, wrong dtypes or values, a patient in two splits.

    >>> study = open_study("tests/golden/study_v1")
    >>> len(study.image_ids), study.settings
    (12, ('zero_shot', 'linear_probe', 'fine_tune'))
    """
    return steady(Path(path).resolve(), _opened)


def _opened(root: Path) -> Study:
    study = Study(root, read_manifest(root))
    for check in CHECKS:
        for problem in check(study):
            raise problem
    return study


def steady(root: Path, read: Callable[[Path], Result]) -> Result:
    """Read a study, and read it again for a few seconds where another took its place meanwhile.

    One that was left aside by a writer that was killed is put back first. Raises what `read` raises.
    """
    until = time.monotonic() + REPLACED_S
    while True:
        before = _identity(root)
        try:
            with _said(root):
                return read(root)
        except StudyError:
            is_aside = before is None and aside_of(root).is_dir()
            if time.monotonic() > until or not (is_aside or _identity(root) != before):
                raise
        if is_aside:
            _put_back(root)


@contextmanager
def _said(root: Path) -> Iterator[None]:
    """Put into a sentence that a folder or a disk went away while it was read."""
    try:
        yield
    except OSError as error:
        message = f"{error.filename or root}: cannot be read ({reason(error)})."
        raise StudyError(message, remedy="Check that the disk is there, and permissions.") from error


def _put_back(root: Path) -> None:
    """Let the writer who is at it end, for a moment; then move the study back."""
    time.sleep(0.05)
    if not root.exists():
        with only_writer(root, wait_s=REPLACED_S / 5):
            restore_aside(root)


def _identity(root: Path) -> tuple[int, ...] | None:
    """What is another where another study is in the folder; None where there is none."""
    try:
        folder, manifest = root.stat(), (root / MANIFEST).stat()
    except OSError:
        return None
    return folder.st_ino, manifest.st_ino, manifest.st_mtime_ns, manifest.st_size


def check_study(path: Path | str) -> list[CoreError]:
    """Find all problems that can be found, most basic first; an empty list for a sound study.

    Looks at what `open_study` looks at, at the SHA-256 of every file, and at every film to its last pixel; goes on
    after a problem where it can.

    >>> check_study("tests/golden/study_v1")
    []
    """
    root = Path(path).resolve()
    try:
        study = Study(root, read_manifest(root))
    except CoreError as problem:
        return [problem]
    problems: list[CoreError] = []
    for check in WHOLE_CHECKS:
        try:
            problems.extend(check(study))
        except CoreError as problem:
            problems.append(problem)
    problems.extend(hash_problems(root, study.manifest))
    by_message = {problem.message: problem for problem in problems}
    return list(by_message.values()) or [*_geometry_problems(study), *_film_problems(study)]


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
