"""One forward pass of a film, and what is read on the way: layers with their gradients, attention, scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch

from core.errors import SaliencyError
from core.models.arrays import Float32Array, Progress, UInt8Array
from core.saliency.methods.base import TowerRun
from core.saliency.tower.attention import class_token_only, watched_attention
from core.saliency.tower.layers import TowerLayers, find_layer
from core.saliency.tower.setting_model import SettingModel
from core.saliency.tower.targets import of_all_classes

_MOST_NUMBERS = 2**24
"""Of gradients of attention, computed at once."""


@dataclass(frozen=True, eq=False)
class LayerReading:
    """What one film gives at a layer.

    activations : (rows, columns, d).
    gradients : by what methods need them as, "gradients" (C, rows, columns, d) or "mean_gradients" (C, d), of all class
        scores; what was not asked for is not there.
    has_gradient : whether any of them is not zero; False where none was asked for.
    """

    activations: Float32Array
    gradients: Mapping[str, Float32Array]
    has_gradient: bool


def read_layers(
    model: SettingModel, film: UInt8Array, layers: TowerLayers, names: Sequence[str], needs: Set[str]
) -> tuple[list[LayerReading], Float32Array]:
    """Take the readings of layers, and the film's scores (C,), from one forward pass.

    needs : of methods; "gradients" and "mean_gradients" among them are read.
    The graph begins at the first layer that is asked for; all class scores are taken back through it at once.
    Raises SaliencyError for a layer that does not exist, that the film does not go through, or that has no tokens.
    """
    modules = {name: find_layer(model.visual, name) for name in names}
    pixels = model.tower.transform(film)[None].to(model.tower.device)
    seen: dict[str, torch.Tensor] = {}
    wanted = sorted({"gradients", "mean_gradients"} & needs)
    with model.tower.lock, torch.set_grad_enabled(bool(wanted)):
        with _kept_outputs(modules, seen), class_token_only(_block_to_spare(model.visual, layers, names)):
            scores = model.target(model.visual(pixels))[0]
        outputs = [_output(seen, name) for name in names]
        gradients = _all_gradients(scores, outputs) if wanted else [None] * len(outputs)
    readings = [
        _reading(
            layers.on_film(output, name)[0], None if gradient is None else layers.on_film(gradient, name)[:, 0], wanted
        )
        for name, output, gradient in zip(names, outputs, gradients, strict=True)
    ]
    return readings, _numpy(scores)


def _reading(activations: torch.Tensor, gradients: torch.Tensor | None, wanted: Sequence[str]) -> LayerReading:
    """Of a layer; where only means are wanted, gradients stay where they are, as they are many times as large."""
    if gradients is None:
        return LayerReading(_numpy(activations), {}, has_gradient=False)
    means = gradients.mean(dim=(1, 2))
    has_gradient = bool(means.any()) or bool(gradients.any())
    forms = {name: _numpy(means if name == "mean_gradients" else gradients) for name in wanted}
    return LayerReading(_numpy(activations), forms, has_gradient)


class CopiedScores(torch.nn.Module):
    """The raw scores of every class of the study, (n, 3, S, S) -> (n, C), on a copy of the image tower.

    class_indices : of the classes that the setting's model was asked for.
    """

    def __init__(self, model: SettingModel, layers: TowerLayers) -> None:
        super().__init__()
        self.visual, self.layers = model.tower.copied(), layers
        self.target, self.class_indices = of_all_classes(model.target, len(model.classes))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Compute scores (n, C). C)."""
        scores: torch.Tensor = self.target(self.visual(pixels))
        return scores

    def n_classes(self, pixels: torch.Tensor) -> int:
        """Count how many classes the study has.

        pixels : of any film.
        """
        with torch.inference_mode():
            return int(self(pixels).shape[-1])

    def run(self, pixels: torch.Tensor, name: str, activations: Float32Array, progress: Progress) -> TowerRun:
        """Give what a method is given at the layer of a name.
        pixels : (1, 3, S, S) of the film of these activations.
        """
        return TowerRun(
            self,
            pixels,
            find_layer(self.visual, name),
            lambda output: self.layers.on_film(output, name).movedim(-1, -3),
            activations,
            self.class_indices,
            progress,
        )


def read_attention(
    model: SettingModel, film: UInt8Array, layers: TowerLayers, *, with_gradients: bool
) -> tuple[Float32Array, Float32Array | None, Float32Array]:
    """Read (attention (blocks, heads, T, T), its gradients (C, blocks, heads, T, T) or None,
    scores (C,)) of one film.
    """
    pixels = model.tower.transform(film)[None].to(model.tower.device)
    blocks = find_layer(model.visual, layers.blocks)
    assert isinstance(blocks, torch.nn.ModuleList | torch.nn.Sequential)
    with model.tower.lock, torch.set_grad_enabled(with_gradients):
        with watched_attention(blocks) as seen:
            scores = model.target(model.visual(pixels))[0]
        if len(seen) != len(blocks):
            raise SaliencyError(
                "The attention of this image tower cannot be read.",
                remedy="Choose a method that reads layers, such as Grad-CAM.",
            )
        gradients = _attention_gradients(scores, seen) if with_gradients else None
    return _numpy(torch.cat(seen)), gradients, _numpy(scores)


def _attention_gradients(scores: torch.Tensor, seen: Sequence[torch.Tensor]) -> Float32Array:
    """(C, blocks, heads, T, T), a few classes at a time: those of all at once can take hundreds of megabytes."""
    n_at_once = max(1, _MOST_NUMBERS // sum(weights.numel() for weights in seen))
    directions = torch.eye(len(scores), dtype=scores.dtype, device=scores.device)
    parts = []
    for some in directions.split(n_at_once):
        found = torch.autograd.grad(
            scores, seen, some, is_grads_batched=True, allow_unused=True, retain_graph=True, materialize_grads=True
        )
        parts.append(torch.cat(found, dim=1).cpu())
    return _numpy(torch.cat(parts))


@contextmanager
def _kept_outputs(modules: dict[str, torch.nn.Module], seen: dict[str, torch.Tensor]) -> Iterator[None]:
    """Keeps the output of every module; the first one that a film reaches is where the graph begins."""

    def keep(name: str, output: object) -> torch.Tensor | None:
        if not isinstance(output, torch.Tensor):
            return None
        begins = torch.is_grad_enabled() and not output.requires_grad
        seen[name] = output.detach().requires_grad_() if begins else output
        return seen[name]

    with ExitStack() as stack:
        for name, module in modules.items():
            hook = module.register_forward_hook(lambda _, __, output, name=name: keep(name, output))
            stack.callback(hook.remove)
        yield


def _block_to_spare(visual: torch.nn.Module, layers: TowerLayers, names: Sequence[str]) -> torch.nn.Module | None:
    """The last block, where nobody reads what its second half makes of the patch tokens."""
    if layers.is_pooled_by_token and layers.n_prefix == 1 and set(names) <= set(layers.names):
        return find_layer(visual, f"{layers.blocks}[-1]")
    return None


def _output(seen: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    if name not in seen:
        raise SaliencyError(f"The layer {name} gave no tokens.", remedy="Choose a layer that a film goes through.")
    return seen[name]


def _all_gradients(scores: torch.Tensor, outputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """One (C, *output) for each output: the gradients of all scores, taken back together."""
    if not scores.requires_grad:
        return [output.new_zeros(len(scores), *output.shape) for output in outputs]
    directions = torch.eye(len(scores), dtype=scores.dtype, device=scores.device)
    found = torch.autograd.grad(scores, outputs, directions, is_grads_batched=True, allow_unused=True)
    return [
        output.new_zeros(len(scores), *output.shape) if gradient is None else gradient
        for output, gradient in zip(outputs, found, strict=True)
    ]


def _numpy(values: torch.Tensor) -> Float32Array:
    result: Float32Array = values.detach().float().cpu().numpy()
    return result
