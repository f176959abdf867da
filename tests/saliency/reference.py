"""pytorch-grad-cam on the same model, before it scales a map to its own maximum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from pytorch_grad_cam import (
    FEM,
    KPCA_CAM,
    EigenCAM,
    GradCAM,
    GradCAMElementWise,
    GradCAMPlusPlus,
    HiResCAM,
    LayerCAM,
    SegEigenCAM,
)

from core.models.arrays import UInt8Array
from core.saliency.tower.layers import find_layer, tower_layers
from core.saliency.tower.setting_model import SettingModel

SHARED: dict[str, Any] = {
    "grad_cam": GradCAM,
    "grad_cam_plus_plus_library": GradCAMPlusPlus,
    "hires_cam": HiResCAM,
    "layer_cam": LayerCAM,
    "eigen_cam": EigenCAM,
    "grad_cam_elementwise": GradCAMElementWise,
    "seg_eigen_cam": SegEigenCAM,
    "kpca_cam": KPCA_CAM,
    "fem": FEM,
}
"""The methods that pytorch-grad-cam has too, under its own definitions."""

WORST_CONDITION = 100.0
"""Gradients are known to about 1e-6, so that maps of the library's Grad-CAM++ below it are known to about 1e-4."""


class Scores(torch.nn.Module):
    """The scores of a setting as a model of its own; `unit` multiplies them."""

    def __init__(self, model: SettingModel, unit: float = 1.0) -> None:
        super().__init__()
        self.visual, self.target, self.unit = model.visual, model.target, unit

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, C)."""
        return self.unit * self.target(self.visual(pixels))


def reference_map(
    model: SettingModel,
    film: UInt8Array,
    class_index: int,
    layer: str,
    method: str = "grad_cam",
    *,
    unit: float = 1.0,
) -> np.ndarray:
    """(rows, columns) of one pytorch-grad-cam call, clipped at 0 and otherwise as it is."""
    return reference_maps(model, film, [class_index], layer, [method], unit=unit)[method][0]


def reference_maps(
    model: SettingModel,
    film: UInt8Array,
    class_indices: Sequence[int],
    layer: str,
    methods: Sequence[str],
    *,
    unit: float = 1.0,
) -> dict[str, np.ndarray]:
    """method -> (classes, rows, columns); the film is repeated, once a class, in one call.

    Grad-CAM++ is NaN where the library's own arithmetic is `WORST_CONDITION` or worse: there its map is not defined by
    the model and the film, but by the last digits of the gradients.
    """
    target_layer = find_layer(model.visual, layer)
    pixels, targets = _calls(model, film, class_indices)
    activations, gradients = library_readings(model, film, class_indices, layer, unit=unit)
    found = {}
    for method in methods:
        with SHARED[method](Scores(model, unit), [target_layer], reshape_transform=to_grid(model)) as other:
            raw = other.get_cam_image(pixels, target_layer, targets, activations, gradients, False)
        found[method] = np.maximum(raw, 0)
    if "grad_cam_plus_plus_library" in found:
        found["grad_cam_plus_plus_library"][conditions(activations, gradients) >= WORST_CONDITION] = np.nan
    return found


def library_readings(
    model: SettingModel, film: UInt8Array, class_indices: Sequence[int], layer: str, *, unit: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """What the library reads at a layer: activations and gradients, each (classes, d, rows, columns)."""
    pixels, targets = _calls(model, film, class_indices)
    with GradCAM(Scores(model, unit), [find_layer(model.visual, layer)], reshape_transform=to_grid(model)) as cam:
        cam(pixels, targets)
        return cam.activations_and_grads.activations[0].numpy(), cam.activations_and_grads.gradients[0].numpy()


def conditions(activations: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """(classes,) by how much the worst denominator of the library's Grad-CAM++ magnifies an error of its terms."""
    squares, sums = gradients**2, activations.sum(axis=(2, 3))[:, :, None, None]
    cubes = sums * squares * gradients
    magnified = (2 * squares + np.abs(cubes) + 1e-6) / np.abs(2 * squares + cubes + 1e-6)
    worst: np.ndarray = np.where(gradients > 0, magnified, 0).max(axis=(1, 2, 3))
    return worst


def _calls(model: SettingModel, film: UInt8Array, class_indices: Sequence[int]) -> tuple[torch.Tensor, list[Any]]:
    pixels = model.tower.transform(film)[None].repeat(len(class_indices), 1, 1, 1).requires_grad_(True)
    return pixels, [lambda scores, index=index: scores[index] for index in class_indices]


def to_grid(model: SettingModel) -> Any:
    """What the library calls a reshape_transform; None where the layers have rows and columns of their own."""
    layers = tower_layers(model.visual)
    if layers.grid is None:
        return None
    rows, columns = layers.grid

    def on_grid(output: torch.Tensor) -> torch.Tensor:
        patches = output[:, layers.n_prefix :, :]
        return patches.reshape(len(output), rows, columns, -1).permute(0, 3, 1, 2)

    return on_grid
