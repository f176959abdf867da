"""Where things are on a film: the square that a model sees, saliency maps laid back onto it, and outlines of masks.

Positions are in original pixels and refer to pixel edges: the pixel in row r, column c covers [r, r + 1] x [c, c + 1].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Box:
    """A rectangle in original pixels; `top` and `left` are edges, so a whole film is Box(0, 0, height, width)."""

    top: float
    left: float
    height: float
    width: float


def centre_crop_box(height_px: int, width_px: int, *, crop_px: int | None = None) -> Box:
    """What a model sees of a film after "shortest side to S, then crop S x S in the centre".

    crop_px : S. None: the exact central square, the limit for large S. Given: the square as torchvision's Resize(S) and
    CenterCrop(S) round it. The long side becomes floor(S * long / short) and the crop begins at
    round((long side - S) / 2), to even at halves; both shift the square by less than one resized pixel.
    Raises ValueError where a length is not positive.
    """
    if height_px < 1 or width_px < 1 or (crop_px is not None and crop_px < 1):
        raise ValueError(f"lengths must be positive, got {height_px} x {width_px} and crop {crop_px}")
    short = min(height_px, width_px)
    top, height = _crop_along(height_px, short, crop_px)
    left, width = _crop_along(width_px, short, crop_px)
    return Box(top, left, height, width)


def _crop_along(length: int, short: int, crop_px: int | None) -> tuple[float, float]:
    """Start and extent of the crop along one side, in original pixels."""
    if crop_px is None:
        return (length - short) / 2, float(short)
    resized = crop_px * length // short
    original_per_resized = length / resized
    return round((resized - crop_px) / 2) * original_per_resized, crop_px * original_per_resized


def share_outside(mask: BoolArray, box: Box) -> float:
    """Share of a mask's area that lies outside a box, in [0, 1]; NaN for an empty mask.

    mask : (H, W) in original pixels. A pixel that the edge of the box cuts counts with the part that is outside.
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


def map_to_film(map_: FloatArray, height_px: int, width_px: int, *, crop_px: int | None = None) -> FloatArray:
    """A map on its native grid, laid onto the film that it came from.

    map_ : (g, g), finite, row 0 at the top. Every value stands at the centre of its patch; between centres it is
    bilinear, from the outermost centres to the edge of the crop it is constant.
    Returns (height_px, width_px) float32: NaN where the pixel's centre is outside the crop (`centre_crop_box`), which
    the model never saw.
    """
    box = centre_crop_box(height_px, width_px, crop_px=crop_px)
    rows, row_weights = _interpolation(height_px, box.top, box.height, map_.shape[0])
    columns, column_weights = _interpolation(width_px, box.left, box.width, map_.shape[1])
    film = np.full((height_px, width_px), np.nan, dtype=np.float32)
    film[rows, columns] = row_weights @ np.asarray(map_, dtype=np.float64) @ column_weights.T
    return film


def _interpolation(length: int, start: float, extent: float, n_patches: int) -> tuple[slice, FloatArray]:
    """The pixels inside an interval, and their (n_pixels, n_patches) bilinear weights, each row summing to 1."""
    first, last = int(np.ceil(start - 0.5)), int(np.ceil(start + extent - 0.5))
    pixels = slice(max(first, 0), min(last, length))
    centres = np.arange(pixels.start, pixels.stop) + 0.5
    positions = np.clip((centres - start) / extent * n_patches - 0.5, 0, n_patches - 1)
    low = np.floor(positions).astype(int)
    high = np.minimum(low + 1, n_patches - 1)
    weights = np.zeros((len(centres), n_patches))
    np.add.at(weights, (np.arange(len(centres)), low), 1 - (positions - low))
    np.add.at(weights, (np.arange(len(centres)), high), positions - low)
    return pixels, weights


_Corner = tuple[int, int]
_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))  # right, down, left, up, as (x, y)


def mask_outlines(mask: BoolArray) -> tuple[FloatArray, ...]:
    """The edges of a mask as closed rings, each (k, 2) of x, y in original pixels, first point repeated at the end.

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
