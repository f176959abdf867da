"""Everything that is wrong with a study, hashes included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.annotations import check_annotation
from core.errors import CoreError
from core.study.checks import CHECKS
from core.study.folder import hash_problems, read_manifest
from core.study.layout import MASKS
from core.study.read import Study


def check_study(path: Path | str) -> list[CoreError]:
    """All problems that can be found, most basic first; an empty list for a sound study.

    Looks at what `open_study` looks at, and at the SHA-256 of every file; goes on after a problem where it can.
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
    by_message = {problem.message: problem for problem in problems}
    return list(by_message.values()) or list(_geometry_problems(study))


def _geometry_problems(study: Study) -> Iterator[CoreError]:
    """Annotations whose geometry would not give a mask."""
    for number, annotation in enumerate(study.annotations()):
        try:
            check_annotation(annotation, f"{study.root / MASKS}: annotation {number} of {annotation.image_id!r}")
        except CoreError as problem:
            yield problem
