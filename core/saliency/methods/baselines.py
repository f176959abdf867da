"""Maps that look at no model: what every method must beat."""

from __future__ import annotations

import zlib

import numpy as np

from core.saliency.methods.base import Float32Array, Method

_SPREAD = 0.25
"""Standard deviation of the centre blob, as a part of the side."""


def random_map(film: np.ndarray, rows: int, columns: int, n_classes: int) -> Float32Array:
    """Draw maps (C, rows, columns) of uniform noise in 0..1; the same film gets the same noise again."""
    rng = np.random.default_rng(zlib.crc32(np.ascontiguousarray(film).tobytes()))
    return rng.random((n_classes, rows, columns), dtype=np.float32)


def centre_map(film: np.ndarray, rows: int, columns: int, n_classes: int) -> Float32Array:
    """Draw maps (C, rows, columns): a hill in the middle of what the model sees, for every class; 1 at its top."""
    y, x = ((np.arange(n) + 0.5) / n - 0.5 for n in (rows, columns))
    hill = np.exp(-(y[:, None] ** 2 + x[None, :] ** 2) / (2 * _SPREAD**2)).astype(np.float32)
    return np.repeat(hill[None], n_classes, axis=0)


RANDOM = Method(
    "random",
    "Random map",
    "uniform noise on the grid of the image tower",
    "Looks at nothing: what chance gives.",
    "nothing",
    random_map,
    is_baseline=True,
)

CENTRE = Method(
    "centre",
    "Centre blob",
    "a round hill, standard deviation a quarter of the side",
    "Looks at nothing: what being in the middle gives, where most findings are.",
    "nothing",
    centre_map,
    is_class_specific=False,
    is_baseline=True,
)
