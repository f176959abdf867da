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


def as_rsna_boxes(folder: Path, marks: Sequence[Annotation]) -> Path:
    """stage_2_train_labels.csv, with a film without a box before the others."""
    rows = [f"{mark.image_id},{','.join(map(str, json.loads(mark.geometry)))},1" for mark in marks]
    return _lines(folder / "stage_2_train_labels.csv", ["patientId,x,y,width,height,Target", "clear,,,,,0", *rows])


def as_siim_runs(folder: Path, marks: Sequence[Annotation]) -> Path:
    """train-rle.csv: each mask cut into two rows, left and right of its middle."""
    rows = []
    for mark in marks:
        mask = mark.mask()
        middle = int(np.median(np.flatnonzero(mask.any(axis=0))))
        for part in (mask & (np.arange(mask.shape[1]) <= middle), mask & (np.arange(mask.shape[1]) > middle)):
            edges = np.flatnonzero(np.diff(np.concatenate([[0], part.T.ravel().astype(np.int8), [0]])))
            lengths = np.diff(np.concatenate([[0], edges]))
            rows.append(f"{mark.image_id}, {' '.join(map(str, lengths)) or '-1'}")
    return _lines(folder / "train-rle.csv", ["ImageId, EncodedPixels", "clear, -1", *rows])


def as_ms_cxr(folder: Path, marks: Sequence[Annotation]) -> Path:
    """MS_CXR_Local_Alignment_v1.1.0.csv, phrases with commas in quotes."""
    header = "dicom_id,category_name,label_text,path,x,y,w,h,image_width,image_height,split"
    rows = [
        f'{mark.image_id},{mark.finding},"small, left",files/p10/a.jpg,{",".join(map(str, json.loads(mark.geometry)))},'
        f"{mark.width_px},{mark.height_px},train"
        for mark in marks
    ]
    return _lines(folder / "MS_CXR_Local_Alignment_v1.1.0.csv", [header, *rows])


def as_chestx_det(folder: Path, marks: Sequence[Annotation]) -> Path:
    """ChestX_Det_train.json: polygons, and boxes that are not looked at."""
    films = []
    for image_id in dict.fromkeys(mark.image_id for mark in marks):
        drawn = [mark for mark in marks if mark.image_id == image_id]
        rings = [np.reshape(json.loads(mark.geometry)[0], (-1, 2)).tolist() for mark in drawn]
        syms = [mark.finding for mark in drawn]
        films.append({"file_name": image_id, "syms": syms, "boxes": [[0, 0, 5, 5]] * len(syms), "polygons": rings})
    return _json(folder / "ChestX_Det_train.json", [{"file_name": "0.png", "syms": [], "boxes": []}, *films])


def as_chestx_det10(folder: Path, marks: Sequence[Annotation]) -> Path:
    """ChestX-Det10's train.json: boxes alone, by their corners."""
    films = []
    for mark in marks:
        x, y, width, height = json.loads(mark.geometry)
        films.append({"file_name": mark.image_id, "syms": [mark.finding], "boxes": [[x, y, x + width, y + height]]})
    return _json(folder / "train.json", films)


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
    "rsna-boxes": ((as_rsna_boxes, ("box",)),),
    "siim-runs": ((as_siim_runs, ("rle",)),),
    "ms-cxr": ((as_ms_cxr, ("box",)),),
    "chestx-det": ((as_chestx_det, ("polygon",)), (as_chestx_det10, ("box",))),
}
"""For every format, its writers with the kinds of annotations that they can hold."""

ONE_FINDING = {"rsna-boxes": "Pneumonia", "siim-runs": "Pneumothorax"}
"""Formats that hold marks of one finding, on films of 1024 x 1024."""


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


def _lines(path: Path, rows: Sequence[str]) -> Path:
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def _json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
