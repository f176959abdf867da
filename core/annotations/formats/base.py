"""What a format of annotations is, and how one mark of a file becomes an `Annotation`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.annotations.annotation import (
    MAX_PIXELS,
    REMEDY,
    Annotation,
    Kind,
    annotation_from_mask,
    canonical,
    check_annotation,
)
from core.errors import StudyError
from core.geometry import BoolArray

_THREE_POINTS = 6


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
        A polygon none of whose rings has three points encloses nothing, and becomes a mask without a pixel.
        Raises StudyError where the finding has no name, the shape would not give a mask, or is in shares of the film.
        """
        where = self._at(place)
        if kind == "polygon" and _are_rings(shape):
            shape = [ring for ring in shape if len(ring) >= _THREE_POINTS]
            if not shape and 0 < math.prod(self.size) <= MAX_PIXELS:
                return self.mask(finding, np.zeros(self.size, dtype=bool), place)
        if min(self.size) > 1 and _is_in_shares(kind, shape):
            message = f"{where}: lies within the first pixel: it is in shares of the film, not in pixels."
            raise StudyError(message, remedy="Multiply positions by the film's width and height.")
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


def _are_rings(shape: Any) -> bool:
    """Whether a polygon's rings are lists of pairs of numbers, be they ever so few."""
    rings = shape if isinstance(shape, list) else [None]
    return all(
        isinstance(ring, list) and len(ring) % 2 == 0 and all(type(value) in (int, float) for value in ring)
        for ring in rings
    ) and bool(rings)


def _is_in_shares(kind: Kind, shape: Any) -> bool:
    """Whether a whole box or polygon lies in [0, 1] x [0, 1]."""
    try:
        if kind == "box":
            x, y, width, height = shape
            values = [x, y, x + width, y + height]
        else:
            values = [value for ring in shape for value in ring] if kind == "polygon" else []
        return bool(values) and all(0 <= value <= 1 for value in values)
    except (TypeError, ValueError):
        return False


def _name(finding: Any, where: str) -> str:
    if not isinstance(finding, str) or not finding.strip():
        raise StudyError(f"{where}: its finding has no name.", remedy=REMEDY)
    return finding.strip()
