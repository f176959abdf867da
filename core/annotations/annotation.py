"""Masks, boxes, polygons and RLE drawn by readers, in one form: `Annotation`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from core.errors import StudyError
from core.geometry import BoolArray, FloatArray, mask_outlines

Kind = Literal["polygon", "box", "rle"]
KINDS: tuple[str, ...] = get_args(Kind)

MAX_PIXELS = 2**28
"""Films above 16,384 x 16,384 are refused: a damaged size would otherwise ask for all of the memory."""

MAX_OUTLINE_PX = 2**22
"""An outline is rasterised in memory that grows with its length; no reader draws four million pixels of it."""

REMEDY = "Correct the annotation, or leave it out of the file."


@dataclass(frozen=True)
class Annotation:
    """What one reader drew on one film for one finding.

    height_px, width_px : the size of the film that it was drawn on; positions are in its pixels and refer to pixel
    edges, so x runs from 0 to width_px. A plot that puts the centre of the first pixel at 0 shifts them by -0.5.
    geometry : canonical JSON. polygon: [[x0, y0, x1, y1, ...], ...], the union of its rings; box: [x, y, width,
    height]; rle: {"size": [height, width], "counts": text}, as COCO compresses it.
    """

    image_id: str
    finding: str
    reader: str
    kind: Kind
    height_px: int
    width_px: int
    geometry: str

    def mask(self) -> BoolArray:
        """Give the mask (height_px, width_px), True inside. What a box or polygon has outside the film is cut off.

        A box holds the pixels whose centres it holds; polygons are rasterised as COCO does it.
        Raises StudyError where the geometry is damaged.
        """
        if self.kind == "box":
            return _box_mask(self._shape(), self.height_px, self.width_px)
        from pycocotools import mask as coco

        decoded: BoolArray = coco.decode(self.runs()).astype(bool)
        return decoded

    def runs(self) -> Any:
        """Give the mask as COCO's run lengths, which pycocotools unites and cuts without its pixels.

        Raises StudyError where the geometry is damaged.
        """
        from pycocotools import mask as coco

        if self.kind == "box":
            return coco.encode(np.asfortranarray(self.mask(), dtype=np.uint8))
        shape = self._shape()
        return coco.merge(coco.frPyObjects(shape, self.height_px, self.width_px)) if self.kind == "polygon" else shape

    def outlines(self) -> tuple[FloatArray, ...]:
        """Give the closed rings to draw, each (k, 2) of x, y in original pixels,
        the first point repeated at the end.
        """
        shape = self._shape()
        if self.kind == "rle":
            return mask_outlines(self.mask())
        if self.kind == "box":
            x, y, width, height = shape
            shape = [[x, y, x + width, y, x + width, y + height, x, y + height]]
        rings = [np.asarray(ring, dtype=np.float64).reshape(-1, 2) for ring in shape]
        return tuple(ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]]) for ring in rings)

    def _shape(self) -> Any:
        check_annotation(self, f"{self.finding} of {self.image_id!r}")
        return json.loads(self.geometry)


def annotation_from_mask(image_id: str, finding: str, reader: str, mask: BoolArray) -> Annotation:
    """Make an annotation that holds a mask exactly, run-length encoded.

    mask : (H, W), in the film's own pixels.

    >>> annotation_from_mask("film", "Edema", "A", np.array([[True, False]])).mask().tolist()
    [[True, False]]
    """
    from pycocotools import mask as coco

    runs = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    height, width = (int(length) for length in mask.shape)
    geometry = canonical({"size": [height, width], "counts": runs["counts"].decode("ascii")})
    return Annotation(image_id, finding, reader, "rle", height, width, geometry)


def check_annotation(annotation: Annotation, where: str) -> None:
    """Raise StudyError where kind, size or geometry would not give a mask."""
    if annotation.kind not in KINDS:
        raise StudyError(f"{where}: kind {annotation.kind!r} is none of {', '.join(KINDS)}.", remedy=REMEDY)
    height, width = annotation.height_px, annotation.width_px
    if min(height, width) < 1 or height * width > MAX_PIXELS:
        raise StudyError(f"{where}: {height} x {width} pixels is not a size of a film.", remedy=REMEDY)
    try:
        shape = json.loads(annotation.geometry)
    except ValueError as error:
        raise StudyError(f"{where}: the geometry is not JSON ({error}).", remedy=REMEDY) from error
    found = _shape_problem(annotation.kind, shape, height, width)
    if found:
        raise StudyError(f"{where}: {found}.", remedy=REMEDY)


def canonical(content: object) -> str:
    """Write JSON text that is the same for the same content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _shape_problem(kind: str, shape: Any, height: int, width: int) -> str | None:
    """What is wrong with a geometry, or None."""
    if kind == "box":
        if not (_are_numbers(shape) and len(shape) == 4 and min(shape[2:]) > 0):
            return "a box must be [x, y, width, height] with positive width and height"
        x, y, box_width, box_height = shape
        return far_outside([[x, y], [x + box_width, y + box_height]], height, width)
    if kind == "polygon":
        rings = shape if isinstance(shape, list) else []
        if not rings or not all(_are_numbers(ring) and len(ring) >= 6 and len(ring) % 2 == 0 for ring in rings):
            return "a polygon must be a list of rings [x0, y0, x1, y1, ...] of at least three points"
        points = [list(zip(ring[::2], ring[1::2], strict=True)) for ring in rings]
        return far_outside([point for ring in points for point in ring], height, width) or _length_problem(points)
    return _rle_problem(shape, height, width)


def far_outside(points: ArrayLike, height: int, width: int) -> str | None:
    """Tell which of the points (n, 2) of x, y lies further outside a film than its own longer side, in words, or None.

    A hand slips over the edge; what lies further off is a damaged number, and rasterising it could take all memory.
    """
    try:
        positions = np.asarray(points, dtype=np.float64)
    except OverflowError:  # an integer beyond all floats
        positions = np.full((1, 2), np.inf)
    if not np.isfinite(positions).all():
        return "holds a number that is not finite"
    reach = max(height, width)
    wrong = np.flatnonzero(~((positions >= -reach) & (positions <= np.array([width, height]) + reach)).all(axis=1))
    if not len(wrong):
        return None
    x, y = positions[wrong[0]]
    return f"the point {x:g}, {y:g} lies far outside the film, which is {width} pixels wide and {height} high"


def _length_problem(rings: Sequence[ArrayLike]) -> str | None:
    """What is wrong with rings that are longer than any outline; each side counts by its longer part."""
    arrays = [np.asarray(ring, dtype=np.float64) for ring in rings]
    length = sum(float(np.abs(ring - np.roll(ring, 1, axis=0)).max(axis=1).sum()) for ring in arrays)
    if length <= MAX_OUTLINE_PX:
        return None
    return f"the outline is {length:,.0f} pixels long; at most {MAX_OUTLINE_PX:,} are read"


def _rle_problem(shape: Any, height: int, width: int) -> str | None:
    if not isinstance(shape, dict) or shape.get("size") != [height, width] or not isinstance(shape.get("counts"), str):
        return f"an RLE must be an object with 'counts' and the size [{height}, {width}] of its film"
    runs = _run_lengths(shape["counts"])
    fine = runs is not None and min(runs, default=-1) >= 0 and sum(runs) == height * width
    return None if fine else f"the run lengths do not fill {height} x {width} pixels"


def _run_lengths(counts: str) -> list[int] | None:
    """The run lengths in COCO's compressed text, or None where it breaks off; COCO itself reads on past its end.

    Every number is in groups of 5 bits, lowest first, each with a bit for "more", as a signed difference to the number
    two before it. Source: rleFrString of cocoapi.
    """
    runs: list[int] = []
    number, shift = 0, 0
    for group in (ord(letter) - 48 for letter in counts):
        if not 0 <= group < 64 or shift > 30:
            return None
        number |= (group & 31) << shift
        shift += 5
        if not group & 32:
            number -= (1 << shift) if group & 16 else 0
            runs.append(number + (runs[-2] if len(runs) > 2 else 0))
            number, shift = 0, 0
    return None if shift else runs


def _are_numbers(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) in (int, float) for value in values)


def _box_mask(box: list[float], height: int, width: int) -> BoolArray:
    x, y, box_width, box_height = box
    columns, rows = np.arange(width) + 0.5, np.arange(height) + 0.5
    inside_rows, inside_columns = (rows >= y) & (rows < y + box_height), (columns >= x) & (columns < x + box_width)
    return inside_rows[:, None] & inside_columns[None, :]
