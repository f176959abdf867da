"""Greys of more than 8 bits: how often each occurs, which of them are shown black and white, and a film painted so."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

STRAY: Final = 100_000
"""Of so many pixels one may be a dead one: a film whose single brightest pixel were its white would be all dark."""


def count_greys(film: npt.NDArray[np.unsignedinteger[Any]]) -> Counts:
    """Count how often each grey occurs: (256,) or (65536,) of an (H, W) film of uint8 or uint16."""
    import cv2

    n_greys = 2 ** (8 * film.itemsize)
    counted = cv2.calcHist([np.ascontiguousarray(film)], [0], None, [n_greys], [0, n_greys])
    return np.asarray(counted.ravel(), dtype=np.int64)


def ends_of(counts: Counts) -> tuple[int, int]:
    """Find the lowest and the highest grey of a film, passing over the strays: one pixel of 100,000 at either end.

    counts : (n,) of greys in ascending order; a film of fewer than 100,000 pixels has no strays.
    Nothing is passed over where too little would be left: the film has one grey but for strays.
    """
    low, high = _ends(counts, int(counts.sum()) // STRAY)
    return (low, high) if low < high else _ends(counts, 0)


def _ends(counts: Counts, n_strays: int) -> tuple[int, int]:
    so_far = np.cumsum(counts)
    low = int(np.searchsorted(so_far, n_strays, side="right"))
    return low, int(np.searchsorted(so_far, so_far[-1] - n_strays, side="left"))


def stretched(greys: npt.NDArray[Any], low: float, high: float) -> npt.NDArray[np.float64]:
    """Scale greys so that `low` becomes 0 and `high` 1; what lies beyond is as they are, and one grey alone is 0."""
    return np.clip((greys.astype(np.float64) - low) / ((high - low) or 1), 0, 1)


def paint(film: npt.NDArray[np.unsignedinteger[Any]], table: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Paint every pixel of an (H, W) film of uint8 or uint16 with what a table, (256,) or (65536,), has for it."""
    import cv2

    painted = cv2.LUT(np.ascontiguousarray(film), table)
    return np.asarray(painted, dtype=np.uint8).reshape(film.shape)
