"""HiResCAM: activation times gradient, patch by patch."""

from __future__ import annotations

import numpy as np

from core.saliency.methods.base import Float32Array, Method, positive


def hires_cam(activations: Float32Array, gradients: Float32Array) -> Float32Array:
    """Compute the maps (C, rows, columns) from activations (rows, columns, d) and gradients (C, rows, columns, d)."""
    return positive(np.einsum("hwd,chwd->chw", activations, gradients))


METHOD = Method(
    "hires_cam",
    "HiResCAM",
    "Draelos and Carin, arXiv 2011.08891",
    "Gradients stay where they are, so a patch counts only for what it does itself.",
    "gradients",
    hires_cam,
)
