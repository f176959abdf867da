"""Grad-CAM: activations weighted, channel by channel, by the mean gradient of a class score."""

from __future__ import annotations

import numpy as np

from core.saliency.methods.base import Float32Array, Method, positive


def grad_cam(activations: Float32Array, weights: Float32Array) -> Float32Array:
    """Compute the maps (C, rows, columns) from activations (rows, columns, d) and mean gradients (C, d)."""
    return positive(np.einsum("hwd,cd->chw", activations, weights, optimize=True))


METHOD = Method(
    "grad_cam",
    "Grad-CAM",
    "Selvaraju et al., ICCV 2017",
    "One weight per channel: the mean of its gradient over the film.",
    "mean_gradients",
    grad_cam,
)
