"""What a saliency method says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Float32Array = NDArray[np.float32]

Needs = Literal[
    "gradients",
    "mean_gradients",
    "activations",
    "attention",
    "scores",
    "tower",
    "nothing",
    "files",
    "blocks",
    "relevance",
    "masks",
]


@dataclass(frozen=True, eq=False)
class TowerRun:
    """What a method that runs the image tower itself is given, at one layer.

    model : film pixels (n, 3, S, S) -> raw scores (n, all classes of the study), on a copy of the image tower that
        nobody else uses: what a method leaves on it is thrown away.
    pixels : (1, 3, S, S) of the film.
    layer : a module of the copy.
    on_grid : a layer's output (n, ...) -> (n, d, rows, columns), without prefix tokens.
    activations : (rows, columns, d) of the film at the layer.
    class_indices : of the classes whose maps are asked for, among the scores.
    progress : takes passes done, passes in all and a word for them; raises to stop.
    """

    model: torch.nn.Module
    pixels: torch.Tensor
    layer: torch.nn.Module
    on_grid: Callable[[torch.Tensor], torch.Tensor]
    activations: Float32Array
    class_indices: tuple[int, ...]
    progress: Callable[[int, int, str], None]


@dataclass(frozen=True)
class Method:
    """One way to say where a model looked.

    name, title : in files and on screen.
    source : where it is defined.
    note : what to know of it, one sentence.
    needs : what `compute` is given; every map that it returns is finite, clipped at 0 and otherwise raw, row 0 on top.
        gradients : (activations (rows, columns, d), gradients (C, rows, columns, d)) -> (C, rows, columns)
        mean_gradients : (activations (rows, columns, d), mean gradients over the grid (C, d)) -> (C, rows, columns)
        activations : (activations (rows, columns, d)) -> (rows, columns), one map for all classes
        attention : (attention (blocks, heads, T, T), gradients of the same (C, blocks, heads, T, T), or None where the
            method is not class-specific) -> (blocks, C or 1, T): every token, from each block to the last
        scores : (scores (n_patches + 1, C) of the film with each patch covered, and of the whole film last) -> (C,
            n_patches)
        tower : (run (TowerRun)) -> (C, rows, columns)
        nothing : (film (H, W), rows, columns, C) -> (C, rows, columns)
        blocks : (tape (core.saliency.tower.tape), blocks to begin at, progress) -> (blocks, C, T), every token
        relevance : the same, of a pass by the rules of core.saliency.tower.relevance
        masks : (masks (n, rows, columns), scores (n, C) of the films under them) -> (C, rows, columns)
        files : (maps (C, rows, columns) that were imported, NaN where a class has none) -> the same
    is_class_specific : whether classes get maps of their own.
    is_scale_free : whether a target in other units (a logit in hundreds, say) gives the same map in other units.
    is_baseline : whether it looks at no model, so that every other method must beat it.
    is_slow : whether a film takes a pass for every patch, channel or class.
    in_default_table : whether maps are compared with masks by it unless others are named; never where it is slow.
    reads_gradients : whether there is no map where the gradient at the patch tokens is zero.
    fewest_classes : of the study, below which there is no map.
    usual_block : of a method that follows blocks, where it begins unless told; from the last where it is negative.
    needs_class_token : whether it explains what the class token reads, so that scores must pass through it.
    """

    name: str
    title: str
    source: str
    note: str
    needs: Needs
    compute: Callable[..., Float32Array]
    is_class_specific: bool = True
    is_scale_free: bool = True
    is_baseline: bool = False
    is_slow: bool = False
    in_default_table: bool = True
    reads_gradients: bool = False
    fewest_classes: int = 1
    usual_block: int = 0
    needs_class_token: bool = False

    @property
    def has_layers(self) -> bool:
        """Tell whether a map belongs to a layer of the image tower."""
        return self.needs not in ("scores", "nothing", "files", "masks")

    @property
    def follows_blocks(self) -> bool:
        """Tell whether it follows a transformer's blocks, from a chosen one to the last."""
        return self.needs in ("attention", "blocks", "relevance")

    def usual_of(self, n_layers: int) -> int:
        """Give the place of the layer that it takes unless told, of a tower's first to last."""
        if not self.follows_blocks:
            return n_layers - 1
        return max(n_layers + self.usual_block, 0) if self.usual_block < 0 else self.usual_block

    @property
    def towers(self) -> Literal["any", "vit"]:
        """Name the image towers that it works on."""
        return "vit" if self.follows_blocks else "any"


def positive(values: NDArray[np.floating]) -> Float32Array:
    """Set values below 0 to 0: evidence against a class is not shown as evidence for it."""
    return np.asarray(np.maximum(values, 0).astype(np.float32))
