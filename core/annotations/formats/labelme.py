"""LabelMe JSON: a file per film, or a folder of such files.

Shapes are polygons (also rotated rectangles), rectangles, circles and masks; points and lines enclose nothing.
Positions are pixel edges, as in `Annotation`. A mask is a PNG in base64 with the corners of its box, whose last row and
column belong to it: [[x0, y0], [x1, y1]] holds x1 - x0 + 1 columns. LabelMe itself fills shapes with Pillow, which
counts every pixel that a line touches; here boxes and circles hold the pixels whose centres they hold.
Source: wkentaro/labelme, label_file.py and utils/shape.py.
"""

from __future__ import annotations

import base64
import math
from pathlib import Path
from typing import Any

import numpy as np

from core.annotations.annotation import MAX_PIXELS, REMEDY, Annotation, far_outside
from core.annotations.formats.base import AnnotationFormat, Canvas, canvas
from core.annotations.formats.json_files import json_object, read_json
from core.annotations.formats.png import png_mask
from core.errors import StudyError
from core.geometry import BoolArray

Points = list[list[float]]

AREAS = ("polygon", "rectangle", "oriented_rectangle", "circle", "mask")


def read_labelme(path: Path, reader: str) -> list[Annotation]:
    """One annotation a shape, files in the order of their names. The label is the finding, `imagePath` the image_id.

    Circles and masks become run-length encoded masks; what lies outside the film is cut off.
    Raises StudyError where a file is not LabelMe's, or a shape is damaged or encloses nothing.
    """
    files = _files(path)
    if not files:
        raise StudyError(f"{path}: holds no JSON file.", remedy="Name LabelMe's JSON file, or the folder of them.")
    return [annotation for file in files for annotation in _from_file(file, reader)]


def is_labelme(path: Path) -> bool:
    """Whether a file, or one in the folder, is a JSON object with `shapes` and `imagePath`."""
    return any({"shapes", "imagePath"} <= set(json_object(file)) for file in _files(path))


FORMAT = AnnotationFormat("labelme", "LabelMe JSON, a file or a folder of them", is_labelme, read_labelme)


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.json")) if path.is_dir() else [path]


def _from_file(file: Path, reader: str) -> list[Annotation]:
    content = read_json(file)
    shapes = content.get("shapes") if isinstance(content, dict) else None
    if not isinstance(shapes, list) or not all(isinstance(shape, dict) for shape in shapes):
        raise StudyError(f"{file}: has no list of 'shapes'.", remedy="Save the file with LabelMe, or take it out.")
    film = canvas(str(file), content.get("imagePath"), content.get("imageHeight"), content.get("imageWidth"), reader)
    if not 0 < math.prod(film.size) <= MAX_PIXELS or min(film.size) < 1:
        raise StudyError(f"{file}: {film.size[0]} x {film.size[1]} pixels is not a size of a film.", remedy=REMEDY)
    return [_from_shape(film, f"shape {number}", shape) for number, shape in enumerate(shapes, start=1)]


def _from_shape(film: Canvas, place: str, shape: dict[str, Any]) -> Annotation:
    where, finding, kind = f"{film.where}: {place}", shape.get("label"), shape.get("shape_type") or "polygon"
    if kind not in AREAS:
        message = f"{where} ({finding!r}) is a {kind}, which encloses nothing."
        raise StudyError(message, remedy=f"Draw it as one of {', '.join(AREAS)}, or delete it.")
    points = _points(shape.get("points"), film.size, where)
    if kind == "rectangle":
        return film.shape(finding, "box", _box(points, where), place)
    if kind in ("polygon", "oriented_rectangle"):
        return film.shape(finding, "polygon", [[value for point in points for value in point]], place)
    if len(points) != 2:
        raise StudyError(f"{where}: a {kind} has two points, not {len(points)}.", remedy=REMEDY)
    mask = _circle(points, *film.size) if kind == "circle" else _placed(shape.get("mask"), points, film.size, where)
    return film.mask(finding, mask, place)


def _points(points: Any, size: tuple[int, int], where: str) -> Points:
    pairs = isinstance(points, list) and all(isinstance(point, list) and len(point) == 2 for point in points)
    if not pairs or not points or not all(type(value) in (int, float) for point in points for value in point):
        raise StudyError(f"{where}: its points are not a list of [x, y].", remedy=REMEDY)
    if wrong := far_outside(points, *size):
        raise StudyError(f"{where}: {wrong}.", remedy=REMEDY)
    found: Points = points
    return found


def _box(points: Points, where: str) -> list[float]:
    """[x, y, width, height] of two opposite corners, or of all four."""
    columns, rows = ({point[axis] for point in points} for axis in (0, 1))
    if len(points) not in (2, 4) or len(columns) != 2 or len(rows) != 2:
        raise StudyError(f"{where}: its points are not the corners of an upright rectangle.", remedy=REMEDY)
    return [min(columns), min(rows), max(columns) - min(columns), max(rows) - min(rows)]


def _circle(points: Points, height: int, width: int) -> BoolArray:
    """(height, width): the pixels whose centres a circle holds, given its centre and a point on its rim."""
    (x, y), rim = points
    rows, columns = np.arange(height)[:, None] + 0.5, np.arange(width)[None, :] + 0.5
    inside: BoolArray = (columns - x) ** 2 + (rows - y) ** 2 <= math.dist((x, y), rim) ** 2
    return inside


def _placed(text: Any, points: Points, size: tuple[int, int], where: str) -> BoolArray:
    """(height, width): a mask that was stored as the PNG of its box, laid where the box is.

    Corners between pixels are rounded, and then the PNG says how large the box is, as in LabelMe.
    """
    try:
        png = base64.b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise StudyError(f"{where}: its mask is not base64 ({error}).", remedy=REMEDY) from error
    patch = png_mask(png, f"{where}: its mask")
    (left, top), (right, bottom) = ([round(value) for value in point] for point in points)
    if all(value == round(value) for point in points for value in point):
        height, width = bottom - top + 1, right - left + 1
        if not (0 < height <= patch.shape[0] and 0 < width <= patch.shape[1]):
            found = f"{patch.shape[0]} x {patch.shape[1]} pixels for a box of {height} x {width}"
            raise StudyError(f"{where}: its mask has {found}.", remedy=REMEDY)
        patch = patch[:height, :width]
    film = np.zeros(size, dtype=bool)
    on_film = film[max(top, 0) : max(top + patch.shape[0], 0), max(left, 0) : max(left + patch.shape[1], 0)]
    on_film[:] = patch[max(-top, 0) :, max(-left, 0) :][: on_film.shape[0], : on_film.shape[1]]
    return film
