"""The formats that annotations are read from: one line each."""

from __future__ import annotations

from pathlib import Path

from core.annotations.annotation import Annotation
from core.annotations.formats import (
    chestx_det,
    chexlocalize,
    coco,
    labelme,
    ms_cxr,
    nih_boxes,
    png_masks,
    rsna_boxes,
    siim_runs,
)
from core.annotations.formats.base import AnnotationFormat
from core.annotations.formats.json_files import read_json
from core.errors import StudyError

FORMATS: tuple[AnnotationFormat, ...] = (
    coco.FORMAT,
    chexlocalize.FORMAT,
    labelme.FORMAT,
    nih_boxes.FORMAT,
    png_masks.FORMAT,
    rsna_boxes.FORMAT,
    siim_runs.FORMAT,
    ms_cxr.FORMAT,
    chestx_det.FORMAT,
)


def read_annotations(path: Path, *, reader: str = "", format_name: str | None = None) -> list[Annotation]:
    """Read the annotations in a file or folder, in its order.

    reader : for annotations that name none.
    format_name : one of FORMATS, else it is recognised by content.
    Raises StudyError where nothing is there, the format is not known or not clear, or a mark is damaged.

    >>> from tempfile import TemporaryDirectory
    >>> from core.study import open_study
    >>> from core.annotations.formats.coco_writer import write_coco
    >>> with TemporaryDirectory() as folder:
    ...     write_coco(Path(folder) / "marks.json", open_study("tests/golden/study_v1").annotations("golden-00"))
    ...     [(mark.finding, mark.reader) for mark in read_annotations(Path(folder) / "marks.json")]
    [('Cardiomegaly', 'reader A'), ('Pleural Effusion', 'reader B')]
    """
    return format_of(path, format_name).read(path, reader)


def format_of(path: Path, format_name: str | None = None) -> AnnotationFormat:
    """Find the format of that name, or the one that recognises a file or folder;
    StudyError where it is not exactly one.
    """
    if not path.exists():
        raise StudyError(f"{path}: there is no such file or folder.", remedy="Check the path.")
    fitting = [entry for entry in FORMATS if entry.name == format_name or (not format_name and entry.recognise(path))]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(entry.name for entry in fitting or FORMATS)
    if format_name:
        raise StudyError(f"{format_name!r} is not a format of annotations.", remedy=f"Choose one of {names}.")
    if fitting:
        raise StudyError(f"{path}: could be any of {names}.", remedy="Say which with --format.")
    if path.suffix.lower() == ".json" and path.is_file():
        read_json(path)
    known = "; ".join(entry.description for entry in FORMATS)
    raise StudyError(f"{path}: is in no known format of annotations.", remedy=f"These are read: {known}.")
