"""ChestX-Det JSON: a list of films with file_name, syms, boxes and, but for ChestX-Det10, polygons.

Positions are pixels of its films, which are 1024 x 1024 (the file does not say so). The three lists of a film go
together: the n-th sym is what the n-th box and polygon show. Source: Deepwise-AILab/ChestX-Det-Dataset, README.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.annotations.annotation import REMEDY, Annotation
from core.annotations.formats.base import AnnotationFormat, Canvas, canvas
from core.annotations.formats.json_files import read_json
from core.errors import StudyError

_FILM_PX = 1024
_HEAD = 4096


def read_chestx_det(path: Path, reader: str) -> list[Annotation]:
    """Read one polygon per sym, or one box where there are no polygons.

    Raises StudyError where it is no such list, or a film's lists do not go together.
    """
    films = read_json(path)
    if not isinstance(films, list) or not all(isinstance(film, dict) and "syms" in film for film in films):
        raise StudyError(f"{path}: holds no list of films with syms.", remedy="Use ChestX-Det's JSON as published.")
    return [mark for film in films for mark in _marks(path, film, reader)]


def is_chestx_det(path: Path) -> bool:
    """Tell whether a file begins as a list of films with syms and boxes."""
    if not path.is_file() or path.suffix.lower() != ".json":
        return False
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    return head.lstrip()[:1] == b"[" and b'"file_name"' in head and b'"syms"' in head and b'"boxes"' in head


FORMAT = AnnotationFormat("chestx-det", "ChestX-Det JSON, polygons or boxes in 1024 px", is_chestx_det, read_chestx_det)


def _marks(path: Path, film: Mapping[str, Any], reader: str) -> list[Annotation]:
    where = f"{path}: {film.get('file_name')!r}"
    drawn_on = canvas(where, film.get("file_name"), _FILM_PX, _FILM_PX, reader)
    syms, polygons, boxes = (film.get(name) or [] for name in ("syms", "polygons", "boxes"))
    shapes = polygons or boxes
    if len(shapes) != len(syms):
        raise StudyError(f"{where}: {len(syms)} syms and {len(shapes)} shapes do not go together.", remedy=REMEDY)
    try:
        return [_mark(drawn_on, sym, shape, bool(polygons)) for sym, shape in zip(syms, shapes, strict=True)]
    except (TypeError, ValueError) as error:
        raise StudyError(f"{where}: a shape is no list of points or corners.", remedy=REMEDY) from error


def _mark(film: Canvas, sym: str, shape: list[Any], is_polygon: bool) -> Annotation:
    if is_polygon:
        return film.shape(sym, "polygon", [[value for point in shape for value in point]])
    left, top, right, bottom = shape
    return film.shape(sym, "box", [left, top, right - left, bottom - top])
