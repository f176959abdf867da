"""What a format of annotations is, and how one mark of a file becomes an `Annotation`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.annotations.annotation import REMEDY, Annotation, Kind, annotation_from_mask, canonical, check_annotation
from core.errors import StudyError
from core.geometry import BoolArray


@dataclass(frozen=True)
class AnnotationFormat:
    """One way in which other tools keep what readers drew.

    name : what the command line calls it; description : the same in a few words.
    recognise : whether a file or folder is in this format, by its content; False where it cannot be read.
    read : (path, reader) -> its annotations, in their order; `reader` is for those that name none. Their image_id is
    what the file calls the film: whoever joins them to films decides how. Raises StudyError, naming the place, where
    the file is not in this format or a mark is damaged.
    """

    name: str
    description: str
    recognise: Callable[[Path], bool]
    read: Callable[[Path, str], list[Annotation]]


@dataclass(frozen=True)
class Canvas:
    """The film that marks were drawn on: image_id as the file names it, size (height, width); where : for errors."""

    where: str
    image_id: str
    size: tuple[int, int]
    reader: str

    def shape(self, finding: Any, kind: Kind, shape: Any, place: str = "") -> Annotation:
        """A checked annotation.

        shape : as in `Annotation.geometry`, before it is JSON; place : of the mark on the film, for errors.
        Raises StudyError where the finding has no name or the shape would not give a mask.
        """
        where = self._at(place)
        try:
            geometry = canonical(shape)
            annotation = Annotation(self.image_id, _name(finding, where), self.reader, kind, *self.size, geometry)
            check_annotation(annotation, where)
        except (ValueError, OverflowError) as error:
            raise StudyError(f"{where}: holds a number that is not finite.", remedy=REMEDY) from error
        return annotation

    def mask(self, finding: Any, mask: BoolArray, place: str = "") -> Annotation:
        """An annotation that holds a mask, (height, width), exactly."""
        return annotation_from_mask(self.image_id, _name(finding, self._at(place)), self.reader, mask)

    def _at(self, place: str) -> str:
        return f"{self.where}: {place}" if place else self.where


def canvas(where: str, image_id: Any, height: Any, width: Any, reader: str) -> Canvas:
    """Raises StudyError where the film has no name, or no size in whole pixels."""
    if not isinstance(image_id, str) or not image_id.strip():
        raise StudyError(f"{where}: its image has no name.", remedy=REMEDY)
    if type(height) is not int or type(width) is not int:
        message = f"{where}: image {image_id!r} has no whole-numbered height and width."
        raise StudyError(message, remedy="Write the size of the film, in pixels, into the file.")
    return Canvas(where, image_id.replace("\\", "/"), (height, width), reader)


def _name(finding: Any, where: str) -> str:
    if not isinstance(finding, str) or not finding.strip():
        raise StudyError(f"{where}: its finding has no name.", remedy=REMEDY)
    return finding.strip()
