"""A folder of PNG masks, one per film and finding, named `<image_id>__<finding>.png`."""

from __future__ import annotations

from pathlib import Path

from core.annotations.annotation import Annotation, annotation_from_mask
from core.annotations.formats.base import AnnotationFormat
from core.annotations.formats.png import png_mask
from core.errors import StudyError

SEPARATOR = "__"


def read_png_masks(path: Path, reader: str) -> list[Annotation]:
    """One annotation per file, by name; of several separators in a name, the last one counts.

    A mask has the size of its film. Files that are no PNG, and folders within the folder, are not looked at.
    Raises StudyError where the folder holds no PNG, a name has no separator, or a file is no mask.
    """
    files = _files(path)
    if not files:
        raise StudyError(f"{path}: holds no PNG.", remedy=f"Name masks <image_id>{SEPARATOR}<finding>.png.")
    return [_from_file(file, reader) for file in files]


def is_png_masks(path: Path) -> bool:
    """Whether a folder holds a PNG with a film and a finding in its name."""
    return any(SEPARATOR in file.stem for file in _files(path))


FORMAT = AnnotationFormat("png", "a folder of masks <image_id>__<finding>.png", is_png_masks, read_png_masks)


def _files(folder: Path) -> list[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(file for file in found if file.suffix.lower() == ".png" and not file.name.startswith("."))


def _from_file(file: Path, reader: str) -> Annotation:
    image_id, _, finding = file.stem.rpartition(SEPARATOR)
    if not image_id or not finding.strip():
        message = f"{file}: its name is not <image_id>{SEPARATOR}<finding>.png."
        raise StudyError(message, remedy="Rename the mask, or take it out of the folder.")
    return annotation_from_mask(image_id, finding.strip(), reader, png_mask(file, str(file)))
