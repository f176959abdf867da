"""Where things are on a film: what a model sees of it, saliency maps laid back onto it, and outlines of masks.

Positions are in original pixels and refer to pixel edges: the pixel in row r, column c covers [r, r + 1] x [c, c + 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from core.errors import SaliencyError

FloatArray = npt.NDArray[np.floating]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.integer]

Resize = Literal["crop", "squash", "pad"]
RESIZES: Final[tuple[Resize, ...]] = ("crop", "squash", "pad")
OPEN_CLIP: Final[Mapping[str, Resize]] = {"shortest": "crop", "squash": "squash", "longest": "pad"}
"""What open_clip's resize_mode calls them."""

_SEEN: Final[Mapping[Resize, str]] = {
    "crop": "the central square of the film",
    "squash": "the whole film, squashed into a square",
    "pad": "the whole film, padded to a square",
}


@dataclass(frozen=True)
class Box:
    """A rectangle in original pixels; `top` and `left` are edges, so a whole film is Box(0, 0, height, width).

    It is also how a film and the square that a model sees lie on each other: the box is that square, 0..1 across.
    """

    top: float
    left: float
    height: float
    width: float


@dataclass(frozen=True)
class Geometry:
    """How a film becomes the square that a model takes, and so where a map lies on the film.

    resize : "crop" (the shortest side to resize_px, then a square of input_px in the centre), "squash" (the whole film,
        out of its shape) or "pad" (the longest side to input_px, the rest filled up on both sides).
    input_px : side of that square. None: nothing is rounded, the limit for a large one.
    resize_px : of "crop" alone; None: input_px, so that the square is as large as the film allows.
    floors : of "crop" alone: whether the square begins at floor((side - S) / 2), as transformers has it.
    interpolation : how pixels were made smaller, as the model's own configuration calls it; "" where nobody said.

    >>> Geometry().box(300, 500)
    Box(top=0.0, left=100.0, height=300.0, width=300.0)
    >>> Geometry("pad").box(300, 500)
    Box(top=-100.0, left=0.0, height=500.0, width=500.0)
    """

    resize: Resize = "crop"
    input_px: int | None = None
    resize_px: int | None = None
    interpolation: str = ""
    floors: bool = False

    def box(self, height_px: int, width_px: int) -> Box:
        """Compute the part of a film that fills the model's input; what lies outside the film is filling.

        Lengths are rounded as torchvision and timm round them: of a crop the long side becomes floor(S * long / short)
        and the square begins at round((side - S) / 2), to even at halves, unless it floors; of a padded film the short
        side becomes round(short * S / long) and begins at (S - side) // 2.
        Raises ValueError where a length is not positive.
        """
        sides = (height_px, width_px, self.input_px, self._scaled)
        if any(side is not None and side < 1 for side in sides):
            raise ValueError(f"lengths must be positive, got {height_px} x {width_px} and {self}")
        along = {"crop": self._crop_along, "squash": _whole_along, "pad": self._pad_along}[self.resize]
        shortest, longest = min(height_px, width_px), max(height_px, width_px)
        (top, height), (left, width) = (along(length, shortest, longest) for length in (height_px, width_px))
        return Box(top, left, height, width)

    def to_json(self) -> dict[str, Any]:
        """Give the geometry as a study's manifest keeps it; what is not said is left out."""
        return {name: value for name, value in vars(self).items() if value not in (None, "", False)}

    @property
    def words(self) -> str:
        """Say what a model sees of a film, to follow "the model sees"."""
        return _SEEN[self.resize]

    @property
    def _scaled(self) -> int | None:
        return self.input_px if self.resize_px is None else self.resize_px

    def _crop_along(self, length: int, shortest: int, _: int) -> tuple[float, float]:
        """Start and extent of the square along one side, in original pixels."""
        side, scaled = self.input_px, self._scaled
        if side is None or scaled is None:
            return (length - shortest) / 2, float(shortest)
        resized = scaled * length // shortest
        original_per_resized = length / resized
        start = (resized - side) // 2 if self.floors else round((resized - side) / 2)
        return start * original_per_resized, side * original_per_resized

    def _pad_along(self, length: int, _: int, longest: int) -> tuple[float, float]:
        side = self.input_px
        if side is None:
            return (length - longest) / 2, float(longest)
        resized = max(1, round(length / (longest / side)))
        original_per_resized = length / resized
        return -((side - resized) // 2) * original_per_resized, side * original_per_resized


def _whole_along(length: int, _: int, __: int) -> tuple[float, float]:
    return 0.0, float(length)


WHOLE_SQUARE: Final = Geometry()
"""The exact central square: what is taken where nothing else is said."""


def model_geometry(model: Mapping[str, Any]) -> Geometry:
    """Read how films become a model's input from what a study's manifest says of the model.

    `geometry` counts before open_clip's `preprocess_cfg`; a manifest that has neither, but `crop_px`, is of the time
    when models cropped. Raises SaliencyError where it says nothing, or what is no geometry.
    """
    said = _said(model)
    input_px, resize_px = said.get("input_px"), said.get("resize_px")
    sides = [side for side in (input_px, resize_px) if side is not None]
    if said.get("resize") not in RESIZES or not all(map(_is_side, sides)):
        name = model.get("name", "of this study")
        raise SaliencyError(
            f"How a film becomes the input of the model {name} is not known, so neither is where a map lies on it.",
            remedy="Build the study again with `python -m core build`, which records whether films are cropped, "
            "squashed or padded.",
        )
    interpolation, floors = str(said.get("interpolation", "")), said.get("floors") is True
    return Geometry(said["resize"], input_px, resize_px, interpolation, floors)


def _said(model: Mapping[str, Any]) -> Mapping[str, Any]:
    cfg = model.get("preprocess_cfg")
    if isinstance(geometry := model.get("geometry"), Mapping):
        return geometry
    if "geometry" in model:
        return {}
    if isinstance(cfg, Mapping) and "resize_mode" in cfg:
        return {
            "resize": OPEN_CLIP.get(str(cfg["resize_mode"])),
            "input_px": cfg.get("size"),
            "interpolation": cfg.get("interpolation", ""),
        }
    return {"resize": "crop", "input_px": model["crop_px"]} if model.get("crop_px") else {}


def _is_side(value: object) -> bool:
    return type(value) is int and value > 0


def share_outside(mask: BoolArray, box: Box) -> float:
    """Compute the share of a mask's area that lies outside a box, in [0, 1]; NaN for an empty mask.

    mask : (H, W) in original pixels. A pixel that the edge of the box cuts counts with the part that is outside.

    >>> share_outside(np.array([[True, True, True, True]]), Box(top=0, left=0, height=1, width=3))
    0.25
    """
    n_pixels = int(np.count_nonzero(mask))
    if n_pixels == 0:
        return float("nan")
    rows = _covered(mask.shape[0], box.top, box.height)
    columns = _covered(mask.shape[1], box.left, box.width)
    return float(np.clip(1.0 - rows @ mask.astype(np.float64) @ columns / n_pixels, 0.0, 1.0))


def _covered(length: int, start: float, extent: float) -> FloatArray:
    """(length,) the part of every pixel, in [0, 1], that an interval covers."""
    edges = np.arange(length, dtype=np.float64)
    return np.asarray(np.clip(np.minimum(edges + 1, start + extent) - np.maximum(edges, start), 0.0, 1.0))


def map_to_film(map_: FloatArray, height_px: int, width_px: int, geometry: Geometry = WHOLE_SQUARE) -> FloatArray:
    """Lay a map on its native grid onto the film that it came from.

    map_ : (rows, columns), finite, row 0 at the top. Every value stands at the centre of its patch; between centres it
    is bilinear, from the outermost centres to the edge of what the model sees it is constant.
    Returns (height_px, width_px) float32: NaN where the pixel's centre is outside the geometry's box, which the model
    never saw. What a map says of filling beside the film is on no pixel.

    >>> map_to_film(np.ones((2, 2)), 2, 4).tolist()
    [[nan, 1.0, 1.0, nan], [nan, 1.0, 1.0, nan]]
    """
    box = geometry.box(height_px, width_px)
    rows, upper, lower, down = _interpolation(height_px, box.top, box.height, map_.shape[0])
    columns, left, right, along = _interpolation(width_px, box.left, box.width, map_.shape[1])
    grid = np.asarray(map_, dtype=np.float64)
    across = grid[:, left] * (1 - along) + grid[:, right] * along
    film = np.full((height_px, width_px), np.nan, dtype=np.float32)
    film[rows, columns] = across[upper] * (1 - down[:, None]) + across[lower] * down[:, None]
    return film


@lru_cache(maxsize=256)
def _interpolation(
    length: int, start: float, extent: float, n_patches: int
) -> tuple[slice, IntArray, IntArray, FloatArray]:
    """The pixels inside an interval, and for each the patches between whose centres it lies, and how far from the first
    to the second, 0..1.
    """
    first, last = int(np.ceil(start - 0.5)), int(np.ceil(start + extent - 0.5))
    pixels = slice(max(first, 0), min(last, length))
    centres = np.arange(pixels.start, pixels.stop) + 0.5
    positions = np.clip((centres - start) / extent * n_patches - 0.5, 0, n_patches - 1)
    low = np.floor(positions).astype(int)
    found = low, np.minimum(low + 1, n_patches - 1), positions - low
    for part in found:
        part.flags.writeable = False  # shared by all who ask
    return pixels, *found


_Corner = tuple[int, int]
_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))  # right, down, left, up, as (x, y)


def mask_outlines(mask: BoolArray) -> tuple[FloatArray, ...]:
    """Trace the edges of a mask as closed rings, each (k, 2) of x,
    y in original pixels, first point repeated at the end.

    mask : (H, W). Rings run along pixel edges, clockwise around what is in the mask and anticlockwise around holes;
    pixels that touch at a corner only are separate. An empty mask has no ring.
    """
    leaving = _boundary_edges(mask)
    unvisited = {
        (corner, direction): None for direction in range(4) for corner in leaving if direction in leaving[corner]
    }
    rings = []
    while unvisited:
        rings.append(_follow(leaving, unvisited, *next(iter(unvisited))))
    return tuple(rings)


def _boundary_edges(mask: BoolArray) -> dict[_Corner, list[int]]:
    """For every corner (x, y) on the boundary, the one or two directions in which a boundary edge leaves it."""
    padded = np.pad(np.asarray(mask, dtype=bool), 1)
    inner = padded[1:-1, 1:-1]
    neighbours = (padded[:-2, 1:-1], padded[1:-1, 2:], padded[2:, 1:-1], padded[1:-1, :-2])  # above, right, below, left
    starts = ((0, 0), (1, 0), (1, 1), (0, 1))  # the corner of a pixel where its edge on that side begins, clockwise
    leaving: dict[_Corner, list[int]] = {}
    for direction, (neighbour, (dx, dy)) in enumerate(zip(neighbours, starts, strict=True)):
        ys, xs = np.nonzero(inner & ~neighbour)
        for corner in zip((xs + dx).tolist(), (ys + dy).tolist(), strict=True):
            leaving.setdefault(corner, []).append(direction)
    return leaving


def _follow(
    leaving: dict[_Corner, list[int]], unvisited: dict[tuple[_Corner, int], None], corner: _Corner, direction: int
) -> FloatArray:
    """The ring that begins with one edge; its edges leave `unvisited`. Of a straight run only the ends are kept."""
    ring, came = [], -1
    while (corner, direction) in unvisited:
        del unvisited[corner, direction]
        if direction != came:
            ring.append(corner)
        came = direction
        corner = (corner[0] + _STEPS[came][0], corner[1] + _STEPS[came][1])
        onward = leaving[corner]
        direction = onward[0] if len(onward) == 1 else (came + 1) % 4
    return np.asarray([*ring, ring[0]], dtype=np.float64)
