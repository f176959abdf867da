"""A saliency map, raw and on its own grid."""

from __future__ import annotations

from dataclasses import dataclass

from core.models.arrays import Float32Array


@dataclass(frozen=True, eq=False)
class SaliencyMap:
    """Where a model looked, before any scaling or smoothing.

    values : (g, g) or (rows, columns), 0 and above, one value a patch of the cropped film, top row first.
    layer, method : where and how it was computed.
    target : in words, what the gradient was taken of. score : its value for this film.
    raw_maximum : largest value; maps of one target may be compared only by raw values.
    is_zero : no patch speaks for the class here (all values are 0); say so instead of drawing it.
    """

    values: Float32Array
    layer: str
    method: str
    target: str
    score: float
    raw_maximum: float
    is_zero: bool
