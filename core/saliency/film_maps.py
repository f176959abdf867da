"""The maps of all classes of a film, by any method, at any layers, from one forward pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.errors import SaliencyError
from core.models.arrays import Float32Array, Progress, UInt8Array, no_progress
from core.saliency.layers import TowerLayers, tower_layers
from core.saliency.maps import FilmMaps
from core.saliency.methods import Method, method_of
from core.saliency.occluded import occluded_scores
from core.saliency.passes import read_attention, read_layers
from core.saliency.setting_model import SettingModel

_GRID = (14, 14)
"""Rows and columns of the maps that need a grid where the image tower has none of its own."""

_Maps = tuple[tuple[str, ...], list[Float32Array], list[str | None], Float32Array]


def film_maps(
    model: SettingModel,
    film: UInt8Array,
    *,
    method: str = "grad_cam",
    layers: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> FilmMaps:
    """The maps of all classes on one film.

    film : (H, W) or (H, W, 3), uint8; a map covers the central square that the model sees (`core.geometry`).
    method : a name out of `core.saliency.methods.METHODS`.
    layers : names out of `layer_choices`, or any other layers with tokens; default the last normalisation before
        attention (`chefer` and `rollout`: the first block, so through all). Methods without layers take none.
    Returns raw values, 0 and above: those of pytorch-grad-cam before it scales each map to its own maximum.
    A layer without a gradient at patch tokens has a problem in words in place of a map.
    Raises SaliencyError where a layer does not exist or has no tokens, or the method does not suit the image tower.
    Safe to call from several threads: calls on one image tower wait for each other.
    """
    chosen = method_of(method)
    tower = tower_layers(model.visual)
    names, values, problems, scores = _RUNS[chosen.needs](model, film, chosen, tower, layers, progress)
    targets = tuple(model.target.describe(name) for name in model.classes)
    for layer_values in values:
        layer_values.flags.writeable = False
    return FilmMaps(chosen.name, names, model.classes, tuple(values), tuple(problems), scores, targets)


def _from_layers(
    model: SettingModel,
    film: UInt8Array,
    method: Method,
    tower: TowerLayers,
    layers: Sequence[str] | None,
    _: Progress,
) -> _Maps:
    names = tuple(layers) if layers else (tower.default,)
    with_gradients = method.needs == "gradients"
    readings, scores = read_layers(model, film, tower, names, with_gradients=with_gradients)
    values: list[Float32Array] = []
    problems: list[str | None] = []
    for name, reading in zip(names, readings, strict=True):
        if reading.gradients is None:
            shared = method.compute(reading.activations)
            values.append(np.repeat(shared[None], len(model.classes), axis=0))
            problems.append(None)
        else:
            values.append(method.compute(reading.activations, reading.gradients))
            problems.append(None if reading.gradients.any() else _no_gradient(name))
    return names, values, problems, scores


def _no_gradient(name: str) -> str:
    return (
        f"The gradient at the patch tokens of {name} is zero: only the class token is read after this layer, so there "
        "is no map."
    )


def _from_attention(
    model: SettingModel,
    film: UInt8Array,
    method: Method,
    tower: TowerLayers,
    layers: Sequence[str] | None,
    _: Progress,
) -> _Maps:
    if tower.grid is None or tower.n_prefix < 1:
        raise SaliencyError(
            f"{method.title} follows attention to a class token, which this image tower does not have.",
            remedy="Choose a method that reads layers, such as Grad-CAM.",
        )
    names = tuple(layers) if layers else tower.names[:1]
    strange = [name for name in names if name not in tower.names]
    if strange:
        raise SaliencyError(
            f"{method.title} begins at a block, and {strange[0]} is none.",
            remedy=f"Choose one of {tower.names[0]} to {tower.default}.",
        )
    attention, gradients, scores = read_attention(model, film, tower, with_gradients=method.is_class_specific)
    relevance = method.compute(attention, gradients)[..., tower.n_prefix :]
    relevance = np.broadcast_to(relevance, (len(tower.names), len(model.classes), relevance.shape[-1]))
    grids = relevance.reshape(len(tower.names), len(model.classes), *tower.grid)
    return names, [np.array(grids[tower.names.index(name)]) for name in names], [None] * len(names), scores


def _from_scores(
    model: SettingModel,
    film: UInt8Array,
    method: Method,
    tower: TowerLayers,
    _: Sequence[str] | None,
    progress: Progress,
) -> _Maps:
    rows, columns = tower.grid or _GRID
    scores = occluded_scores(model, film, rows, columns, progress)
    values = method.compute(scores).reshape(len(model.classes), rows, columns)
    return ("",), [values], [None], scores[-1]


def _from_nothing(
    model: SettingModel,
    film: UInt8Array,
    method: Method,
    tower: TowerLayers,
    _: Sequence[str] | None,
    __: Progress,
) -> _Maps:
    rows, columns = tower.grid or _GRID
    with torch.inference_mode():
        scores = model.scores(film)
    return ("",), [method.compute(film, rows, columns, len(model.classes))], [None], scores


_RUNS = {
    "gradients": _from_layers,
    "activations": _from_layers,
    "attention": _from_attention,
    "scores": _from_scores,
    "nothing": _from_nothing,
}
