"""The layers of an image tower that saliency can be read at, and how their tokens lie on the film."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.errors import SaliencyError


@dataclass(frozen=True)
class TokenLayers:
    """A vision transformer's blocks.

    names : the layers offered, first to last: the input of every block's attention, after its normalisation.
    default : the last of them; where the class token is pooled, anything later has gradient zero at patch tokens.
    n_prefix : tokens before the patches (class token, registers).
    grid : rows and columns of patches.
    """

    names: tuple[str, ...]
    default: str
    n_prefix: int
    grid: tuple[int, int]

    @property
    def n_tokens(self) -> int:
        """Tokens of one film."""
        return self.n_prefix + self.grid[0] * self.grid[1]


def token_layers(visual: torch.nn.Module) -> TokenLayers:
    """The layers of an open_clip image tower: a timm ViT, or open_clip's own.

    Raises SaliencyError for towers without patch tokens, such as ResNets.
    """
    trunk = getattr(visual, "trunk", None)
    if trunk is not None and hasattr(trunk, "blocks") and hasattr(trunk, "patch_embed"):
        grid = _timm_grid(trunk.patch_embed, getattr(visual, "image_size", trunk.patch_embed.img_size))
        return _layers("trunk.blocks", "norm1", len(trunk.blocks), int(trunk.num_prefix_tokens), grid)
    blocks = getattr(getattr(visual, "transformer", None), "resblocks", None)
    if blocks is not None and hasattr(visual, "grid_size"):
        rows, columns = visual.grid_size  # type: ignore[misc]
        return _layers("transformer.resblocks", "ln_1", len(blocks), 1, (int(rows), int(columns)))
    raise SaliencyError(
        f"The image tower {type(trunk or visual).__name__} has no patch tokens that a map could be read from.",
        remedy="Use a model with a vision transformer as its image tower, such as BiomedCLIP.",
    )


def find_layer(visual: torch.nn.Module, name: str) -> torch.nn.Module:
    """The module of a layer's name; indices may be negative and in brackets (`trunk.blocks[-1].norm1`).

    A name may leave out the leading `trunk.`. Raises SaliencyError where there is no such layer.
    """
    steps = re.sub(r"\[(-?\d+)\]", r".\1", name).split(".")
    if hasattr(visual, "trunk") and steps[0] != "trunk":
        steps = ["trunk", *steps]
    module: torch.nn.Module = visual
    for step in steps:
        found = _child(module, step)
        if found is None:
            offered = token_layers(visual).names
            raise SaliencyError(
                f"The image tower has no layer {name!r}.",
                remedy=f"Choose one of {offered[0]} to {offered[-1]}.",
            )
        module = found
    return module


def _child(module: torch.nn.Module, step: str) -> torch.nn.Module | None:
    if step.lstrip("-").isdigit() and isinstance(module, torch.nn.Sequential | torch.nn.ModuleList):
        index = int(step)
        return module[index] if -len(module) <= index < len(module) else None
    child = getattr(module, step, None)
    return child if isinstance(child, torch.nn.Module) else None


def _timm_grid(embed: Any, size_px: Sequence[int]) -> tuple[int, int]:
    """Rows and columns of patches of a film of size_px; patches may come from a convolutional stem."""
    is_built_for = embed.img_size is not None and tuple(embed.img_size) == tuple(size_px)
    rows, columns = embed.grid_size if is_built_for else embed.dynamic_feat_size(tuple(size_px))
    return int(rows), int(columns)


def _layers(blocks: str, norm: str, depth: int, n_prefix: int, grid: tuple[int, int]) -> TokenLayers:
    names = tuple(f"{blocks}[{index}].{norm}" for index in range(depth))
    return TokenLayers(names, names[-1], n_prefix, grid)
