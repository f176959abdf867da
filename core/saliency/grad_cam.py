"""Grad-CAM: activations of a layer weighted by the mean gradient of a class score.

Source: Selvaraju et al., ICCV 2017, on the patch tokens of a vision transformer.
"""

from __future__ import annotations

import numpy as np
import torch

from core.errors import SaliencyError
from core.models.arrays import UInt8Array
from core.saliency.layers import TokenLayers, find_layer, token_layers
from core.saliency.maps import SaliencyMap
from core.saliency.setting_model import SettingModel

METHOD = "Grad-CAM"


def grad_cam(
    setting_model: SettingModel, film: UInt8Array, class_index: int, *, layer: str | None = None
) -> SaliencyMap:
    """The Grad-CAM of one class on one film.

    film : (H, W) or (H, W, 3), uint8; the map covers the central square that the model sees (`core.geometry`).
    layer : a name out of `token_layers(visual).names` or any other layer with tokens; default the last block's norm1.
    Returns raw values, 0 and above: equal to pytorch-grad-cam's before it scales each map to its own maximum.
    Raises SaliencyError where the layer has no gradient at patch tokens, does not exist, or has no tokens.
    Safe to call from several threads: calls on one image tower wait for each other.
    """
    tokens = token_layers(setting_model.visual)
    name = layer or tokens.default
    activations, gradients, score = _activations_and_gradients(setting_model, film, class_index, name)
    activations, gradients = (_patches(part, tokens, name) for part in (activations, gradients))
    if not bool(gradients.any()):
        raise SaliencyError(
            f"The gradient at the patch tokens of {name} is zero: only the class token is read after this layer, "
            "so there is no map.",
            remedy=f"Choose {tokens.default} or an earlier layer.",
        )
    values = (activations * gradients.mean(dim=(0, 1))).sum(dim=-1).clamp(min=0).cpu().numpy().astype(np.float32)
    return SaliencyMap(
        values=values,
        layer=name,
        method=METHOD,
        target=setting_model.target.describe(setting_model.classes[class_index]),
        score=score,
        raw_maximum=float(values.max()),
        is_zero=not bool(values.any()),
    )


def _activations_and_gradients(
    setting_model: SettingModel, film: UInt8Array, class_index: int, name: str
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """A layer's output for one film, the gradient of the class score there, and the score."""
    tower = setting_model.tower
    pixels = tower.transform(film)[None].to(tower.device).requires_grad_(True)  # the weights are frozen
    seen: list[torch.Tensor] = []
    with tower.lock, torch.enable_grad():
        hook = find_layer(tower.visual, name).register_forward_hook(lambda _, __, output: seen.append(output))
        try:
            score = setting_model.target(tower.visual(pixels))[0, class_index]
        finally:
            hook.remove()
        if not seen or not isinstance(seen[0], torch.Tensor):
            raise SaliencyError(f"The layer {name} gave no tokens.", remedy="Choose a layer that a film goes through.")
        (gradient,) = torch.autograd.grad(score, seen[0], allow_unused=True)
    activation = seen[0].detach()
    return activation, torch.zeros_like(activation) if gradient is None else gradient, float(score.detach())


def _patches(tokens: torch.Tensor, layers: TokenLayers, name: str) -> torch.Tensor:
    """(1, tokens, d) -> (rows, columns, d): prefix tokens dropped, patches laid out as on the film."""
    if tokens.ndim != 3 or tokens.shape[1] != layers.n_tokens:
        raise SaliencyError(
            f"The output of {name} has shape {tuple(tokens.shape)}; expected {layers.n_tokens} tokens a film.",
            remedy=f"Choose {layers.default} or another block's normalisation.",
        )
    rows, columns = layers.grid
    return tokens[0, layers.n_prefix :].reshape(rows, columns, -1)
