"""RISE: the score of the film under many random masks, and which places are seen where it is high."""

from __future__ import annotations

import numpy as np

from core.saliency.methods.base import Float32Array, Method, positive


def rise(masks: Float32Array, scores: Float32Array) -> Float32Array:
    """Compute the maps (C, rows, columns): the mean score where a place is seen, minus that over all masks.

    masks : (n, rows, columns), 0..1, how far a place is seen.
    scores : (n, C) of the masked films.
    """
    seen = masks.mean(axis=0)
    where_seen = np.einsum("nhw,nc->chw", masks, scores, optimize=True) / (len(masks) * np.maximum(seen, 1e-6))
    return positive(where_seen - scores.mean(axis=0)[:, None, None])


METHOD = Method(
    "rise",
    "RISE",
    "Petsiuk, Das, Saenko, BMVC 2018 (arXiv 1806.07421)",
    "The slow referee: how much higher the score is, on the mean over random masks, where a place is seen.",
    "masks",
    rise,
    is_slow=True,
)
