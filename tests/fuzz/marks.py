"""Files of marks with values, shapes and bytes changed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np

from core.annotations.annotation import Annotation, annotation_from_mask
from core.annotations.formats import read_annotations, write_coco
from tests.annotations import written
from tests.fuzz.mutators import changed_bytes, changed_json, json_text, something_else

WRITERS = (written.as_coco, written.as_contours, written.as_segmentations, written.as_nih_boxes)


def mark_case(folder: Path, rng: random.Random) -> str:
    """One file; what is read of it gives masks, and comes back from the product's own writer."""
    write = rng.choice(WRITERS)
    side = 1024 if write is written.as_nih_boxes else 40
    path = write(folder, [_mark(f"film{number}", write, side, rng) for number in range(2)])
    deed = rng.randrange(10)
    if deed == 0:
        something_else(path, rng)
    elif path.suffix == ".json" and deed <= 7:
        path.write_bytes(json_text(changed_json(json.loads(path.read_text()), rng), rng))
    else:
        path.write_bytes(changed_bytes(path.read_bytes(), rng))
    found = read_annotations(path)
    masks = [mark.mask() for mark in found]
    for mark, mask in zip(found, masks, strict=True):
        assert mask.shape == (mark.height_px, mark.width_px)
        if mark.kind == "box":
            left, top, width, height = json.loads(mark.geometry)
            rows, columns = np.nonzero(mask)
            assert mask.sum() <= (width + 1) * (height + 1)
            assert not len(rows) or (rows.min() >= top - 1 and columns.min() >= left - 1)
    if found:
        write_coco(folder / "again.json", found)
        assert [again.geometry for again in read_annotations(folder / "again.json")] == [m.geometry for m in found]
    return "right"


def _mark(image_id: str, write: object, side: int, rng: random.Random) -> Annotation:
    """A rectangle in the shape that a writer takes."""
    left, top, width, height = (rng.randrange(1, 15) for _ in range(4))
    right, bottom = left + width, top + height
    if write is written.as_segmentations:
        mask = np.zeros((side, side), bool)
        mask[top:bottom, left:right] = True
        return annotation_from_mask(image_id, "Edema", "A", mask)
    if write is written.as_contours:
        corners = f"[[{left},{top},{right},{top},{right},{bottom},{left},{bottom}]]"
        return Annotation(image_id, "Edema", "A", "polygon", side, side, corners)
    return Annotation(image_id, "Edema", "A", "box", side, side, f"[{left},{top},{width},{height}]")
