"""Adding what a reader drew in the app to a finished study, and taking it out again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from core.annotations import Annotation, check_annotation
from core.errors import StudyError
from core.study import layout
from core.study.annotate import new_sizes
from core.study.import_masks import with_sizes
from core.study.read import Study, open_study
from core.study.rewrite import rewrite_study
from core.study.tables import annotations_in, annotations_table, read_table
from core.study.write import restore_replaced

DRAWN: Final = "drawn in the app"
_WRITING: Final = threading.Lock()
"""Two readers of one server who save at once do so one after the other, so that neither loses a mark."""


def add_marks(root: Path, annotations: Sequence[Annotation], *, source: str = DRAWN, replace: bool = False) -> Study:
    """Puts marks into a study after those that it has; the study's fingerprint changes.

    replace : whether marks of the same reader on the same film for the same finding give way.
    Raises StudyError, and changes nothing, where nobody is named, a film is unknown or of another size, or a mark is
    damaged.
    """
    given = {(entry.image_id, entry.reader, entry.finding) for entry in annotations} if replace else set()

    def change(stored: Sequence[Annotation]) -> list[Annotation]:
        kept = [entry for entry in stored if (entry.image_id, entry.reader, entry.finding) not in given]
        return [*kept, *annotations]

    for entry in annotations:
        if not entry.reader.strip():
            raise StudyError("Nobody is named as the reader of these marks.", remedy="Name the reader.")
        check_annotation(entry, f"{entry.finding} of {entry.image_id!r}")
    return _rewritten(root, change, annotations, {entry.reader: source for entry in annotations})


def remove_marks(root: Path, image_id: str, reader: str, finding: str | None = None) -> Study:
    """Takes a reader's marks off a film, those of one finding or all. Raises StudyError where there are none."""

    def change(stored: Sequence[Annotation]) -> list[Annotation]:
        kept = [
            entry
            for entry in stored
            if (entry.image_id, entry.reader) != (image_id, reader) or finding not in (None, entry.finding)
        ]
        if len(kept) == len(stored):
            message = f"{reader} has drawn no such mark on {image_id!r}."
            raise StudyError(message, remedy="Choose a film and a finding that this reader marked.")
        return kept

    return _rewritten(root, change, (), {})


def _rewritten(
    root: Path,
    change: Callable[[Sequence[Annotation]], list[Annotation]],
    added: Sequence[Annotation],
    sources: dict[str, str],
) -> Study:
    with _WRITING:
        restore_replaced(root)
        study = open_study(root)
        for entry in added:
            study.row_of(entry.image_id)
        stored = annotations_in(read_table(study.path(layout.MASKS))) if study.has(layout.MASKS) else ()
        images = with_sizes(root, study.images, added)
        tables = {layout.MASKS: annotations_table(change(stored)), **new_sizes(study, images)}
        return rewrite_study(study, tables, dataset=_provenance(study, sources))


def _provenance(study: Study, sources: dict[str, str]) -> dict[str, Any]:
    """The manifest's `dataset` with where the readers' marks come from; what is known of a reader already stays."""
    before = study.manifest.dataset.get("annotations")
    known = before if isinstance(before, dict) else {}
    made = {reader: {"name": source, "format": "drawing"} for reader, source in sources.items()}
    return {**study.manifest.dataset, "annotations": {**made, **known}} if made or known else study.manifest.dataset
