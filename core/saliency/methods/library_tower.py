"""What `library` computes by running the image tower: passes for every channel, other targets, second derivatives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import torch
from pytorch_grad_cam import AblationCAM, AblationLayer, FinerCAM, ScoreCAM, ShapleyCAM, ablation_cam, score_cam
from pytorch_grad_cam.utils.model_targets import FinerWeightedTarget
from torch.nn.attention import SDPBackend, sdpa_kernel

import core.models.torchvision_guard  # noqa: F401  (before torchvision, which the library imports)
from core.saliency.methods.base import Float32Array, TowerRun, positive

_COMPARED: Final = 3
"""Classes that Finer-CAM sets a class against."""

SPAN: Final = 10.0
"""What scores are stretched to before a softmax, from the lowest to the highest: over channels for Score-CAM, over
classes for Finer-CAM.

A softmax asks for a unit. The library takes scores as they come: logits of the networks that these methods were made
for span about as much; cosines span a hundredth, and all would weigh the same; logits that span hundreds leave one or
none.
"""

_STEP_BY_STEP: Final = threading.Lock()
"""Held while attention is computed without its fused kernels, which have no second derivative: a switch of the whole
process. Others get the same attention meanwhile, up to rounding."""

for _module in (ablation_cam, score_cam):
    _module.tqdm = SimpleNamespace(tqdm=iter)  # progress is told through the run, not drawn on the console


class _Remembered(torch.nn.Module):
    """A model that keeps what it gave, batch by batch, and gives it again after `rewind`: one class needs no passes of
    its own after another."""

    def __init__(self, run: TowerRun) -> None:
        super().__init__()
        self.model, self.run, self.given, self.position = run.model, run, list[torch.Tensor](), 0

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, C) scores of (n, 3, S, S); tells how many channels are done."""
        if self.position == len(self.given):
            self.given.append(self.model(pixels).detach())
            done = sum(map(len, self.given))
            n_channels = self.run.activations.shape[-1]
            self.run.progress(min(done, n_channels), n_channels, "channels")
        self.position += 1
        return self.given[self.position - 1]

    def rewind(self) -> None:
        """Begin again with the first batch."""
        self.position = 0


def _finer_cam(run: TowerRun) -> Iterator[Float32Array]:
    with torch.no_grad():
        scores = run.model(run.pixels)[0].float().cpu().numpy()
    unit = _unit(scores)
    for index in run.class_indices:
        nearest = [int(other) for other in np.argsort(np.abs(scores - scores[index]), kind="stable") if other != index]
        target = FinerWeightedTarget(index, nearest[:_COMPARED], 1)
        targets = [lambda found, target=target: target(found / unit)]
        pixels = run.pixels.clone().requires_grad_()
        cam = FinerCAM(run.model, [run.layer], run.on_grid)
        cam(pixels, targets)
        read = cam.base_cam.activations_and_grads
        arrays = read.activations[0].numpy(), read.gradients[0].numpy()
        yield unit * cam.base_cam.get_cam_image(pixels, run.layer, targets, *arrays, False)[0]


def _shapley_cam(run: TowerRun) -> Iterator[Float32Array]:
    for index in run.class_indices:
        pixels = run.pixels.clone().requires_grad_()
        cam = ShapleyCAM(run.model, [run.layer], run.on_grid)
        read = cam.activations_and_grads
        with _STEP_BY_STEP, sdpa_kernel(SDPBackend.MATH):
            torch.autograd.grad(read(pixels)[0, index], pixels, create_graph=True)
            gradient = read.gradients[0] + 0 * read.activations[0]  # a constant one has a derivative too: 0
            weights = cam.get_cam_weights(pixels, run.layer, None, read.activations[0], gradient)[0]
        read.gradients, read.activations = [], []  # which the library cannot detach where they are views
        yield _weighted(run, weights)


def _score_cam(run: TowerRun) -> Iterator[Float32Array]:
    model = _Remembered(run)
    cam = ScoreCAM(model, [run.layer], run.on_grid)
    values = run.activations.transpose(2, 0, 1)[None]

    def weights(index: int, unit: float) -> Float32Array:
        model.rewind()
        found: Float32Array = cam.get_cam_weights(run.pixels, run.layer, [lambda s: s[index] / unit], values, None)[0]
        return found

    for index in run.class_indices:
        weights(index, 1.0)  # the film through every channel; the classes after the first find it done
        yield _weighted(run, weights(index, _unit(torch.cat(model.given)[:, index].float().cpu().numpy())))


class _Zeroed(AblationLayer):
    """The layer's output of the film, once per channel, with that channel 0 as in the paper.

    The library's own layers do so where no value is negative; elsewhere they put -10 million in its place.
    """

    def set_next_batch(self, input_batch_index: int, activations: torch.Tensor, num_channels_to_ablate: int) -> None:
        self.activations = activations[input_batch_index : input_batch_index + 1].repeat_interleave(
            num_channels_to_ablate, dim=0
        )
        self.channel_axis = 1 if activations.ndim == 4 else activations.ndim - 1

    def __call__(self, _: torch.Tensor) -> torch.Tensor:
        for film, channel in zip(self.activations, self.indices, strict=False):
            film.select(self.channel_axis - 1, int(channel)).zero_()
        return self.activations


class _Drops(AblationCAM):
    """The library's weights before it divides them by the score: that turns the map of a negative score round."""

    drops: Float32Array

    def assemble_ablation_scores(self, new_scores: list[float], original_score: float, *channels: Any) -> list[float]:
        scores: list[float] = super().assemble_ablation_scores(new_scores, original_score, *channels)
        self.drops = original_score - np.asarray(scores, np.float32)
        return scores


def _ablation_cam(run: TowerRun) -> Iterator[Float32Array]:
    _forget_absent(run.model)
    model = _Remembered(run)
    cam = _Drops(model, [run.layer], run.on_grid, ablation_layer=_Zeroed())
    values = run.activations.transpose(2, 0, 1)[None]
    for index in run.class_indices:
        model.rewind()
        with np.errstate(divide="ignore", invalid="ignore"):  # the division that is not used
            cam.get_cam_weights(run.pixels, run.layer, [lambda scores, at=index: scores[at]], values, None)
        yield _weighted(run, cam.drops)


def _forget_absent(model: torch.nn.Module) -> None:
    """Take parts that a tower names but lacks (None) off its list of parts, where the library would look into them."""
    for module in model.modules():
        for name in [name for name, part in module._modules.items() if part is None]:
            del module._modules[name]
            setattr(module, name, None)


def _unit(scores: Float32Array) -> float:
    """What to divide scores by so that they span SPAN; 1 where they are all the same."""
    return float(np.ptp(scores)) / SPAN or 1.0


def _weighted(run: TowerRun, weights: Float32Array) -> Float32Array:
    """(rows, columns): the layer's channels added up."""
    return np.asarray(run.activations @ weights, np.float32)


def _all(maps: Callable[[TowerRun], Iterator[Float32Array]], run: TowerRun) -> Float32Array:
    """(C, rows, columns), clipped at 0."""
    found = []
    for values in maps(run):
        found.append(values)
        run.progress(len(found), len(run.class_indices), "classes")
    return positive(np.stack(found))


COMPUTED: Final[Mapping[str, Callable[[TowerRun], Float32Array]]] = {
    "finer_cam": partial(_all, _finer_cam),
    "shapley_cam": partial(_all, _shapley_cam),
    "score_cam": partial(_all, _score_cam),
    "ablation_cam": partial(_all, _ablation_cam),
}
