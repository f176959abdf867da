"""Writing COCO JSON, to take marks to other tools and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from core.annotations.annotation import Annotation, check_annotation
from core.errors import StudyError
from core.files import write_out


def write_coco(path: Path, annotations: Sequence[Annotation]) -> None:
    """Write annotations so that `read_coco` gives the same ones again, readers included.

    A film's `file_name` is its image_id. Polygons and masks are segmentations, with area and bounding box of their
    pixels; a box is a bounding box alone.
    Raises StudyError where something is at `path` already, it cannot be written, or an annotation is damaged.

    >>> from tempfile import TemporaryDirectory
    >>> from core.study import open_study
    >>> with TemporaryDirectory() as folder:
    ...     write_coco(Path(folder) / "marks.json", open_study("tests/golden/study_v1").annotations("golden-00"))
    ...     sorted(json.loads((Path(folder) / "marks.json").read_text(encoding="utf-8")))
    ['annotations', 'categories', 'images']
    """
    images = _numbered((entry.image_id, entry.height_px, entry.width_px) for entry in annotations)
    categories = _numbered(entry.finding for entry in annotations)
    content = {
        "images": [
            {"id": number, "file_name": image_id, "height": height, "width": width}
            for (image_id, height, width), number in images.items()
        ],
        "categories": [{"id": number, "name": finding} for finding, number in categories.items()],
        "annotations": [
            {
                "id": number,
                "image_id": images[entry.image_id, entry.height_px, entry.width_px],
                "category_id": categories[entry.finding],
                "iscrowd": 0,
                "attributes": {"reader": entry.reader},
                **_shape(entry),
            }
            for number, entry in enumerate(annotations, start=1)
        ],
    }
    if path.exists():
        raise StudyError(f"{path}: is there already.", remedy="Choose another name.")
    write_out(path, json.dumps(content, ensure_ascii=False, allow_nan=False))


def _shape(entry: Annotation) -> dict[str, Any]:
    """segmentation, bbox and area of one annotation."""
    check_annotation(entry, f"{entry.finding} of {entry.image_id!r}")
    geometry = json.loads(entry.geometry)
    if entry.kind == "box":
        return {"segmentation": [], "bbox": geometry, "area": geometry[2] * geometry[3]}
    from pycocotools import mask as coco

    is_runs = entry.kind == "rle"
    runs = geometry if is_runs else coco.merge(coco.frPyObjects(geometry, entry.height_px, entry.width_px))
    return {"segmentation": geometry, "bbox": coco.toBbox(runs).tolist(), "area": int(coco.area(runs))}


def _numbered(keys: Iterable[Any]) -> dict[Any, int]:
    """Numbers from 1 for different keys, in the order in which they come."""
    return {key: number for number, key in enumerate(dict.fromkeys(keys), start=1)}
