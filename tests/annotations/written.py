"""Annotations in every format, written with Pillow, pycocotools and the standard library, as their tools write them."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.annotations.annotation import Annotation
from core.annotations.formats import write_coco

NIH_HEADER = "Image Index,Finding Label,Bbox [x,y,w,h],,,"

Writer = Callable[[Path, Sequence[Annotation]], Path]


def as_coco(folder: Path, marks: Sequence[Annotation]) -> Path:
    """The project's own writer."""
    write_coco(folder / "coco.json", marks)
    return folder / "coco.json"


def as_contours(folder: Path, marks: Sequence[Annotation]) -> Path:
    """gt_annotations of CheXlocalize: polygons, one annotation a film and finding."""
    films: dict[str, Any] = {"patient1_study1_view2_lateral": {}}
    for mark in marks:
        film = films.setdefault(mark.image_id, {"img_size": [mark.height_px, mark.width_px]})
        film[mark.finding] = [np.reshape(ring, (-1, 2)).tolist() for ring in json.loads(mark.geometry)]
    return _json(folder / "gt_annotations_val.json", films)


def as_segmentations(folder: Path, marks: Sequence[Annotation]) -> Path:
    """gt_segmentations of CheXlocalize: run-length encoded masks."""
    films: dict[str, Any] = {}
    for mark in marks:
        films.setdefault(mark.image_id, {})[mark.finding] = json.loads(mark.geometry)
    return _json(folder / "gt_segmentations_val.json", films)


def as_labelme(folder: Path, marks: Sequence[Annotation]) -> Path:
    """A folder with a file a film: polygons of one ring, rectangles, and masks cropped to their box."""
    target = folder / "labelme"
    target.mkdir()
    for image_id in dict.fromkeys(mark.image_id for mark in marks):
        drawn = [mark for mark in marks if mark.image_id == image_id]
        content = {
            "version": "5.5.0",
            "flags": {},
            "shapes": [_labelme_shape(mark) for mark in drawn],
            "imagePath": f"..\\films\\{image_id}",
            "imageData": None,
            "imageHeight": drawn[0].height_px,
            "imageWidth": drawn[0].width_px,
        }
        _json(target / f"{Path(image_id).stem}.json", content)
    return target


def as_nih_boxes(folder: Path, marks: Sequence[Annotation]) -> Path:
    """BBox_List_2017.csv with its published header and trailing commas."""
    rows = [(mark.image_id, mark.finding, *json.loads(mark.geometry)) for mark in marks]
    text = "\r\n".join([NIH_HEADER, *(",".join(map(str, row)) + ",,," for row in rows)])
    path = folder / "BBox_List_2017.csv"
    path.write_text(text + "\r\n", encoding="utf-8", newline="")
    return path


def as_png_masks(folder: Path, marks: Sequence[Annotation]) -> Path:
    """A folder of black and white masks, one a film and finding."""
    target = folder / "masks"
    target.mkdir()
    for mark in marks:
        name = f"{mark.image_id.removesuffix('.png')}__{mark.finding}.png"
        Image.fromarray(mark.mask().astype(np.uint8) * 255).save(target / name)
    return target


WRITERS: dict[str, tuple[tuple[Writer, tuple[str, ...]], ...]] = {
    "coco": ((as_coco, ("rle", "polygon", "box")),),
    "chexlocalize": ((as_contours, ("polygon",)), (as_segmentations, ("rle",))),
    "labelme": ((as_labelme, ("rle", "polygon", "box")),),
    "nih-boxes": ((as_nih_boxes, ("box",)),),
    "png": ((as_png_masks, ("rle",)),),
}
"""For every format, its writers with the kinds of annotations that they can hold."""


def png_in_base64(mask: np.ndarray) -> str:
    """As LabelMe keeps masks: 0 and 1."""
    stream = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8)).save(stream, format="PNG")
    return base64.b64encode(stream.getvalue()).decode()


def _labelme_shape(mark: Annotation) -> dict[str, Any]:
    shape: dict[str, Any] = {"label": mark.finding, "group_id": None, "description": "", "flags": {}, "mask": None}
    geometry = json.loads(mark.geometry)
    if mark.kind == "polygon":
        (ring,) = geometry
        return {**shape, "shape_type": "polygon", "points": np.reshape(ring, (-1, 2)).tolist()}
    if mark.kind == "box":
        x, y, width, height = geometry
        return {**shape, "shape_type": "rectangle", "points": [[x + width, y + height], [x, y]]}
    mask = mark.mask()
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    patch = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    points = [[int(columns[0]), int(rows[0])], [int(columns[-1]), int(rows[-1])]]
    return {**shape, "shape_type": "mask", "points": points, "mask": png_in_base64(patch)}


def _json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
