"""LayerCAM: activation times positive gradient, patch by patch."""

from __future__ import annotations

import numpy as np

from core.saliency.methods.base import Float32Array, Method, positive


def layer_cam(activations: Float32Array, gradients: Float32Array) -> Float32Array:
    """Compute the maps (C, rows, columns) from activations (rows, columns, d) and gradients (C, rows, columns, d)."""
    return positive(np.einsum("hwd,chwd->chw", activations, np.maximum(gradients, 0)))


METHOD = Method(
    "layer_cam",
    "LayerCAM",
    "Jiang et al., IEEE TIP 2021",
    "As HiResCAM, with positive gradients only; meant for early layers too.",
    "gradients",
    layer_cam,
)
