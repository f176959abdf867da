"""pytorch-grad-cam on the same model, before it scales a map to its own maximum."""

from __future__ import annotations

import numpy as np
import torch
from pytorch_grad_cam import GradCAM

from core.models.arrays import UInt8Array
from core.saliency.layers import find_layer, token_layers
from core.saliency.setting_model import SettingModel


def reference_map(model: SettingModel, film: UInt8Array, class_index: int, layer: str) -> np.ndarray:
    """(rows, columns) of pytorch-grad-cam's Grad-CAM, clipped at 0 and otherwise as it is."""
    tokens = token_layers(model.visual)
    rows, columns = tokens.grid

    def to_grid(output: torch.Tensor) -> torch.Tensor:
        patches = output[:, tokens.n_prefix :, :]
        return patches.reshape(len(output), rows, columns, -1).permute(0, 3, 1, 2)

    class Scores(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.visual = model.visual

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return model.target(self.visual(pixels))

    pixels = model.tower.transform(film)[None].requires_grad_(True)
    target_layer = find_layer(model.visual, layer)
    with GradCAM(Scores(), [target_layer], reshape_transform=to_grid) as cam:
        cam(pixels, [lambda scores: scores[class_index]])
        activations = cam.activations_and_grads.activations[0].numpy()
        gradients = cam.activations_and_grads.gradients[0].numpy()
        raw = cam.get_cam_image(pixels, target_layer, [], activations, gradients)
    return np.maximum(raw[0], 0)
