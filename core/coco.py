"""Reading COCO JSON: what other tools write of masks, polygons and boxes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.annotations import REMEDY, Annotation, Kind, canonical, check_annotation
from core.errors import StudyError


def read_coco(path: Path, *, reader: str = "") -> list[Annotation]:
    """The annotations of a COCO JSON file, in its order.

    Polygons, RLE (compressed or not) and, where there is no segmentation, bounding boxes. The finding is the category's
    name. The image_id is the image's `file_name` without folders; whoever joins them to films decides how.
    reader : for annotations that name none as `reader` or `attributes.reader`.
    Raises StudyError where the file is not COCO JSON, or an annotation is damaged.
    """
    content = _read_json(path)
    images = _by_id(content, "images", path)
    categories = _by_id(content, "categories", path)
    return [_from_coco(entry, images, categories, path, reader) for entry in _entries(content, "annotations", path)]


def _from_coco(
    entry: Mapping[str, Any], images: Mapping[Any, Any], categories: Mapping[Any, Any], path: Path, reader: str
) -> Annotation:
    where = f"{path}: annotation {entry.get('id', '?')}"
    image, category = images.get(entry.get("image_id")), categories.get(entry.get("category_id"))
    if image is None or category is None:
        missing = "image_id" if image is None else "category_id"
        raise StudyError(f"{where}: its {missing} {entry.get(missing)!r} is not in the file.", remedy=REMEDY)
    height, width = image.get("height"), image.get("width")
    if type(height) is not int or type(width) is not int:
        raise StudyError(f"{where}: its image has no whole-numbered height and width.", remedy=REMEDY)
    kind, shape = _kind_and_shape(entry, height, width, where)
    attributes = entry.get("attributes")
    named = entry.get("reader") or (attributes.get("reader") if isinstance(attributes, dict) else None) or reader
    image_id = str(image.get("file_name", "")).replace("\\", "/").rsplit("/", 1)[-1]
    annotation = Annotation(image_id, str(category.get("name")), str(named), kind, height, width, canonical(shape))
    check_annotation(annotation, where)
    return annotation


def _kind_and_shape(entry: Mapping[str, Any], height: int, width: int, where: str) -> tuple[Kind, Any]:
    """Segmentation where there is one, else the bounding box."""
    segmentation = entry.get("segmentation")
    if isinstance(segmentation, dict):
        return "rle", _compressed(segmentation, height, width, where)
    return ("polygon", segmentation) if segmentation else ("box", entry.get("bbox"))


def _compressed(runs: dict[str, Any], height: int, width: int, where: str) -> dict[str, Any]:
    """An RLE with its counts as text; anything that is no list of counts is returned for the check to name."""
    counts, size = runs.get("counts"), runs.get("size")
    if not isinstance(counts, list):
        return {"size": size, "counts": counts}
    if any(type(count) is not int or count < 0 for count in counts) or sum(counts) != height * width:
        raise StudyError(f"{where}: the run lengths do not fill {height} x {width} pixels.", remedy=REMEDY)
    from pycocotools import mask as coco

    packed = coco.frPyObjects({"size": [height, width], "counts": counts}, height, width)
    return {"size": size, "counts": packed["counts"].decode("ascii")}


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        raise StudyError(f"{path}: cannot be read ({error.strerror}).", remedy="Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise StudyError(f"{path}: is not JSON ({error}).", remedy="Masks are read from COCO JSON.") from error
    if not isinstance(content, dict):
        raise StudyError(f"{path}: is not an object.", remedy="Masks are read from COCO JSON.")
    return content


def _entries(content: Mapping[str, Any], key: str, path: Path) -> Iterator[Mapping[str, Any]]:
    entries = content.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise StudyError(f"{path}: has no list of {key!r}.", remedy="Masks are read from COCO JSON.")
    yield from entries


def _by_id(content: Mapping[str, Any], key: str, path: Path) -> dict[Any, Mapping[str, Any]]:
    return {entry.get("id"): entry for entry in _entries(content, key, path)}


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not allowed")
