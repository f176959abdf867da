"""COCO JSON: polygons, run-length encoded masks and boxes, as most annotation tools export them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.annotations.annotation import REMEDY, Annotation, Kind
from core.annotations.formats.base import AnnotationFormat, canvas
from core.annotations.formats.json_files import json_object, packed_runs, read_json
from core.errors import StudyError

_OWN_ID = "Give each an id of its own, as tools do that merge COCO files."


def read_coco(path: Path, reader: str = "") -> list[Annotation]:
    """The annotations of a COCO JSON file, in its order.

    Polygons, RLE (compressed or not) and, where there is no segmentation, bounding boxes. The finding is the category's
    name, the image_id the image's `file_name`.
    reader : for annotations that name none as `reader` or `attributes.reader`.
    Raises StudyError where the file is not COCO JSON, or an annotation is damaged.
    """
    content = read_json(path)
    images = _by_id(content, "images", path)
    categories = _by_id(content, "categories", path)
    annotations = list(_entries(content, "annotations", path))
    _require_own_ids(annotations, path)
    return [_from_coco(entry, images, categories, path, reader) for entry in annotations]


def is_coco(path: Path) -> bool:
    """Whether a file is a JSON object with `images` and `annotations`."""
    return {"images", "annotations"} <= set(json_object(path))


FORMAT = AnnotationFormat("coco", "COCO JSON", is_coco, read_coco)


def _from_coco(
    entry: Mapping[str, Any], images: Mapping[Any, Any], categories: Mapping[Any, Any], path: Path, reader: str
) -> Annotation:
    where = f"{path}: annotation {entry.get('id', '?')}"
    image, category = (_named(entry, key, table, where) for key, table in (("image", images), ("category", categories)))
    attributes = entry.get("attributes")
    named = entry.get("reader") or (attributes.get("reader") if isinstance(attributes, dict) else None) or reader
    film = canvas(where, image.get("file_name"), image.get("height"), image.get("width"), str(named))
    return film.shape(category.get("name"), *_kind_and_shape(entry, *film.size, where))


def _named(entry: Mapping[str, Any], key: str, table: Mapping[Any, Any], where: str) -> Mapping[str, Any]:
    """The image or category that an annotation names by its id."""
    number = entry.get(f"{key}_id")
    if isinstance(number, (dict, list)) or number not in table:
        raise StudyError(f"{where}: its {key}_id {number!r} is not in the file.", remedy=REMEDY)
    found: Mapping[str, Any] = table[number]
    return found


def _kind_and_shape(entry: Mapping[str, Any], height: int, width: int, where: str) -> tuple[Kind, Any]:
    """Segmentation where there is one, else the bounding box."""
    segmentation = entry.get("segmentation")
    if isinstance(segmentation, dict):
        return "rle", packed_runs(segmentation, height, width, where)
    return ("polygon", segmentation) if segmentation else ("box", entry.get("bbox"))


def _entries(content: Any, key: str, path: Path) -> Iterator[Mapping[str, Any]]:
    entries = content.get(key) if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise StudyError(f"{path}: has no list of {key!r}.", remedy="Export the annotations as COCO JSON again.")
    yield from entries


def _by_id(content: Any, key: str, path: Path) -> dict[Any, Mapping[str, Any]]:
    entries = list(_entries(content, key, path))
    if any(isinstance(entry.get("id"), (dict, list)) for entry in entries):
        raise StudyError(f"{path}: an id in {key!r} is no number.", remedy=REMEDY)
    found: dict[Any, Mapping[str, Any]] = {}
    for entry in entries:
        if found.setdefault(number := entry.get("id"), entry) != entry:
            raise StudyError(f"{path}: two of its {key!r} have the id {number!r}, and differ.", remedy=_OWN_ID)
    return found


def _require_own_ids(entries: list[Mapping[str, Any]], path: Path) -> None:
    """StudyError where two annotations have one id; those without an id count by their place."""
    numbers = [repr(entry["id"]) for entry in entries if entry.get("id") is not None]
    twice = next((number for number, count in Counter(numbers).items() if count > 1), None)
    if twice:
        raise StudyError(f"{path}: two of its 'annotations' have the id {twice}.", remedy=_OWN_ID)
