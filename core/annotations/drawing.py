"""What a reader drew in the browser, as annotations: polygons and boxes as they are, brush strokes as one mask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.annotations.annotation import Annotation, Kind, annotation_from_mask, canonical, check_annotation
from core.errors import StudyError
from core.geometry import BoolArray, FloatArray

REMEDY: Final = "Draw the region again and save it."
MAX_POINTS: Final = 100_000
_LEAST: Final = {"polygon": 3, "box": 2, "brush": 1}


@dataclass(frozen=True)
class DrawnOn:
    """Whose marks these are, of what, and on which film of which size in pixels."""

    image_id: str
    finding: str
    reader: str
    height_px: int
    width_px: int


def drawn_annotations(shapes: Sequence[Mapping[str, Any]], on: DrawnOn) -> tuple[Annotation, ...]:
    """Make the annotations of what was drawn, polygons and boxes in the order of drawing, then the brushed mask if any.

    shapes : {"kind": "polygon" | "box" | "brush", "points": [[x, y], ...], "radius": r, "erases": bool}, positions in
    original pixels, on pixel edges. A box has two opposite corners. An eraser takes from what was brushed before it.
    Raises StudyError where nobody is named, nothing encloses a pixel, or a shape is not one of these.
    """
    if not on.reader.strip():
        raise StudyError("Nobody is named as the reader of these marks.", remedy="Write a name first.")
    made = [_outlined(shape, on) for shape in shapes if _kind(shape) != "brush"]
    brushed = brushed_mask([shape for shape in shapes if _kind(shape) == "brush"], on.height_px, on.width_px)
    if brushed.any():
        made.append(annotation_from_mask(on.image_id, on.finding, on.reader, brushed))
    if not made or not all(entry.mask().any() for entry in made):
        raise StudyError("A drawn region holds no pixel of the film.", remedy=REMEDY)
    return tuple(made)


def brushed_mask(strokes: Sequence[Mapping[str, Any]], height_px: int, width_px: int) -> BoolArray:
    """Paint a mask (height_px, width_px): the pixels whose centres a round brush passed,
    erasers after brushes taking away again.
    """
    mask = np.zeros((height_px, width_px), dtype=bool)
    for stroke in strokes:
        points, radius = _points(stroke), float(stroke.get("radius", math.nan))
        if not 0 < radius <= max(height_px, width_px):
            raise StudyError(f"A brush has the radius {radius}.", remedy=REMEDY)
        for start, end in zip(points, [*points[1:], points[-1]], strict=True):
            _paint(mask, start, end, radius, not stroke.get("erases"))
    return mask


def _paint(mask: BoolArray, start: FloatArray, end: FloatArray, radius: float, value: bool) -> None:
    """Sets the pixels whose centres are no further than the radius from a line from `start` to `end`."""
    low = np.floor(np.minimum(start, end) - radius).astype(int).clip(min=0)
    high = np.ceil(np.maximum(start, end) + radius).astype(int)
    part = mask[low[1] : high[1], low[0] : high[0]]
    x = np.arange(low[0], low[0] + part.shape[1]) + 0.5 - start[0]
    y = np.arange(low[1], low[1] + part.shape[0])[:, None] + 0.5 - start[1]
    dx, dy = end - start
    along = np.clip((x * dx + y * dy) / ((dx * dx + dy * dy) or 1.0), 0, 1)
    part[(x - along * dx) ** 2 + (y - along * dy) ** 2 <= radius**2] = value


def _outlined(shape: Mapping[str, Any], on: DrawnOn) -> Annotation:
    points = _points(shape).round(2)
    if _kind(shape) == "box":
        low, high = points.min(axis=0), points.max(axis=0)
        geometry: object = [*low.tolist(), *(high - low).round(2).tolist()]
    else:
        geometry = [points.ravel().tolist()]
    kind: Kind = "box" if _kind(shape) == "box" else "polygon"
    made = Annotation(on.image_id, on.finding, on.reader, kind, on.height_px, on.width_px, canonical(geometry))
    check_annotation(made, f"{on.finding} of {on.image_id!r}")
    return made


def _kind(shape: Mapping[str, Any]) -> str:
    kind = shape.get("kind") if isinstance(shape, Mapping) else None
    if kind not in _LEAST:
        raise StudyError(f"A mark is of kind {kind!r}, not polygon, box or brush.", remedy=REMEDY)
    return str(kind)


def _points(shape: Mapping[str, Any]) -> FloatArray:
    """(n, 2) of x, y."""
    try:
        points = np.asarray(shape.get("points"), dtype=np.float64)
    except (TypeError, ValueError):
        points = np.empty(0)
    is_fine = points.ndim == 2 and points.shape[1] == 2 and _LEAST[_kind(shape)] <= len(points) <= MAX_POINTS
    if not is_fine or not np.isfinite(points).all():
        raise StudyError(f"A drawn {_kind(shape)} has no usable points.", remedy=REMEDY)
    return points
