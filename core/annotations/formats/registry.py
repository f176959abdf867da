"""The formats that annotations are read from: one line each."""

from __future__ import annotations

from pathlib import Path

from core.annotations.annotation import Annotation
from core.annotations.formats import chexlocalize, coco, labelme, nih_boxes, png_masks
from core.annotations.formats.base import AnnotationFormat
from core.annotations.formats.json_files import read_json
from core.errors import StudyError

FORMATS: tuple[AnnotationFormat, ...] = (
    coco.FORMAT,
    chexlocalize.FORMAT,
    labelme.FORMAT,
    nih_boxes.FORMAT,
    png_masks.FORMAT,
)


def read_annotations(path: Path, *, reader: str = "", format_name: str | None = None) -> list[Annotation]:
    """The annotations in a file or folder, in its order.

    reader : for annotations that name none; format_name : one of FORMATS, else it is recognised by content.
    Raises StudyError where nothing is there, the format is not known or not clear, or a mark is damaged.
    """
    return format_of(path, format_name).read(path, reader)


def format_of(path: Path, format_name: str | None = None) -> AnnotationFormat:
    """The format of that name, or the one that recognises a file or folder; StudyError where it is not exactly one."""
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
