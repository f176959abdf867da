"""The layers of an image tower that saliency can be read at, and how their outputs lie on the film."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from core.errors import SaliencyError
from core.saliency.layer_choice import LayerChoice

_STAGES = ("layer1", "layer2", "layer3", "layer4")


@dataclass(frozen=True)
class TowerLayers:
    """The layers of an image tower.

    names : the layers offered, first to last: the input of every block's attention, after its normalisation; or the
        last stages of a tower of convolutions.
    default : the last of them; where the class token is pooled, anything later has gradient zero at patch tokens.
    blocks : the path of the transformer's blocks; "" for convolutions.
    n_prefix : tokens before the patches (class token, registers).
    grid : rows and columns of patches; None for convolutions, whose stages have grids of their own.
    extra : a layer that is offered besides: the one of arXiv 2506.14136; "" where the tower has none of the kind.
    is_pooled_by_token : whether only the class token is read at the end.
    has_plain_attention : whether the attention of every block can be followed step by step.
    has_plain_pool : whether what comes after the blocks can: no attention pool, or timm's.
    """

    names: tuple[str, ...]
    default: str
    blocks: str = ""
    n_prefix: int = 0
    grid: tuple[int, int] | None = None
    extra: str = ""
    is_pooled_by_token: bool = False
    has_plain_attention: bool = False
    has_plain_pool: bool = False

    def on_film(self, output: torch.Tensor, name: str) -> torch.Tensor:
        """Turn a layer's output (..., T, d) or (..., d, rows, columns) as (..., rows, columns, d), laid out as on the
        film.

        Leading dimensions may be anything; prefix tokens are dropped. Raises SaliencyError for another shape.
        """
        if self.grid is None:
            return output.movedim(-3, -1)
        rows, columns = self.grid
        n_tokens = self.n_prefix + rows * columns
        if output.ndim < 3 or output.shape[-2] != n_tokens:
            raise SaliencyError(
                f"The output of {name} has shape {tuple(output.shape)}; expected {n_tokens} tokens per film.",
                remedy=f"Choose {self.default} or another block's normalisation.",
            )
        patches = output[..., self.n_prefix :, :]
        return patches.reshape(*output.shape[:-2], rows, columns, output.shape[-1])


def tower_layers(visual: torch.nn.Module) -> TowerLayers:
    """Find the layers of an open_clip image tower: a timm ViT, open_clip's own, a ResNet of either, or timm's others of
    convolutions (EfficientNet, ConvNeXt, DenseNet): the last four of the stages that timm names.

    Raises SaliencyError for towers of another kind.
    """
    trunk = getattr(visual, "trunk", None)
    if trunk is not None and hasattr(trunk, "blocks") and hasattr(trunk, "patch_embed"):
        grid = _timm_grid(trunk.patch_embed, getattr(visual, "image_size", trunk.patch_embed.img_size))
        by_token = getattr(trunk, "global_pool", "") == "token" and getattr(trunk, "attn_pool", None) is None
        prefix = int(trunk.num_prefix_tokens)
        found = _blocks("trunk.blocks", ("norm1", "attn.proj"), len(trunk.blocks), prefix, grid, by_token)
        return _with_attention(found, trunk.blocks, getattr(trunk, "attn_pool", None))
    blocks = getattr(getattr(visual, "transformer", None), "resblocks", None)
    if blocks is not None and hasattr(visual, "grid_size"):
        rows, columns = visual.grid_size  # type: ignore[misc]
        by_token = getattr(visual, "pool_type", "tok") == "tok" and getattr(visual, "attn_pool", None) is None
        grid = int(rows), int(columns)
        found = _blocks("transformer.resblocks", ("ln_1", "ls_1"), len(blocks), 1, grid, by_token)
        return _with_attention(found, blocks, getattr(visual, "attn_pool", None))
    for prefix_name, module in (("trunk.", trunk), ("", visual)):
        if module is not None and all(hasattr(module, stage) for stage in _STAGES):
            names = tuple(prefix_name + stage for stage in _STAGES)
            return TowerLayers(names, names[-1])
    if (stages := _stages(trunk)) is not None:
        return TowerLayers(stages, stages[-1])
    raise SaliencyError(
        f"The image tower {type(trunk or visual).__name__} has no patch tokens or stages to read a map from.",
        remedy="Use a model with a vision transformer or a ResNet as its image tower, such as BiomedCLIP.",
    )


def _stages(trunk: Any) -> tuple[str, ...] | None:
    """The last stages of a timm tower of convolutions, by timm's own list; None where it is of another kind."""
    listed = getattr(getattr(trunk, "feature_info", None), "info", getattr(trunk, "feature_info", None))
    is_convolutional = getattr(trunk, "output_fmt", None) in (None, "NCHW") and not hasattr(trunk, "pos_embed")
    if not isinstance(listed, list) or not listed or not is_convolutional:
        return None
    names = [str(entry["module"]) for entry in listed if entry.get("module")]
    found = [f"trunk.{name}" for name in names if _descend(trunk, name.split(".")) is not None]
    return tuple(found[-len(_STAGES) :]) or None


def layer_choices(visual: torch.nn.Module) -> tuple[LayerChoice, ...]:
    """List every layer to choose, first to last, and then the one of arXiv 2506.14136, labelled for what it gives."""
    layers = tower_layers(visual)
    what = "Block" if layers.blocks else "Stage"
    total = len(layers.names)
    offered = [LayerChoice(name, f"{what} {index} of {total}") for index, name in enumerate(layers.names, 1)]
    if layers.extra:
        note = "Only the class token is read after this layer: its gradient at the patches is zero, so there is no map."
        short = layers.extra.removeprefix("trunk.").replace(f"[{total - 1}]", "[-1]")
        has_gradient = not layers.is_pooled_by_token
        label = f"{short} (the paper's{'' if has_gradient else ': no map'})"
        offered.append(LayerChoice(layers.extra, label, has_gradient, "" if has_gradient else note, is_in_strip=False))
    return tuple(offered)


def counterpart(name: str, offered: Sequence[LayerChoice], own: Sequence[LayerChoice]) -> str:
    """Find the layer of another tower that is as deep in it as one of a tower whose layers were offered.

    own : of the other tower. The layer itself where both offer the same, or none is to be found.
    """
    blocks, others = ([one.name for one in choices if one.is_in_strip] for choices in (offered, own))
    if blocks == others or not others:
        return name
    if name in blocks:
        share = blocks.index(name) / max(1, len(blocks) - 1)
        return others[round(share * (len(others) - 1))]
    beyond = [one.name for one in own if not one.is_in_strip]
    return beyond[0] if beyond and name in [one.name for one in offered] else name


def find_layer(visual: torch.nn.Module, name: str) -> torch.nn.Module:
    """Find the module of a layer's name; indices may be negative and in brackets (`trunk.blocks[-1].norm1`).

    A name may leave out the leading `trunk.`. Raises SaliencyError where there is no such layer.
    """
    steps = re.sub(r"\[(-?\d+)\]", r".\1", name).split(".")
    if hasattr(visual, "trunk") and steps[0] != "trunk":
        steps = ["trunk", *steps]
    found = _descend(visual, steps)
    if found is None:
        offered = tower_layers(visual).names
        raise SaliencyError(
            f"The image tower has no layer {name!r}.",
            remedy=f"Choose one of {offered[0]} to {offered[-1]}.",
        )
    return found


def _descend(module: torch.nn.Module, steps: Sequence[str]) -> torch.nn.Module | None:
    found: torch.nn.Module | None = module
    for step in steps:
        found = None if found is None else _child(found, step)
    return found


def _child(module: torch.nn.Module, step: str) -> torch.nn.Module | None:
    if step.lstrip("-").isdigit() and isinstance(module, torch.nn.Sequential | torch.nn.ModuleList):
        index = int(step)
        return module[index] if -len(module) <= index < len(module) else None
    return dict(module.named_children()).get(step)


def _timm_grid(embed: Any, size_px: Sequence[int]) -> tuple[int, int]:
    """Rows and columns of patches of a film of size_px; patches may come from a convolutional stem."""
    is_built_for = embed.img_size is not None and tuple(embed.img_size) == tuple(size_px)
    rows, columns = embed.grid_size if is_built_for else embed.dynamic_feat_size(tuple(size_px))
    return int(rows), int(columns)


def is_plain_attention(attention: Any) -> bool:
    """Tell whether an attention is torch's, of one input, or timm's own, without gates: softmax(q k) v, projected."""
    if isinstance(attention, torch.nn.MultiheadAttention):
        return attention.in_proj_weight is not None
    is_timms = type(attention).__name__ == "Attention" and hasattr(attention, "qkv") and hasattr(attention, "proj")
    return is_timms and getattr(attention, "gate", None) is None


def is_plain_pool(pool: Any) -> bool:
    """Tell whether an attention pool is timm's, of a learnt query."""
    return hasattr(pool, "latent") and hasattr(pool, "kv")


def _with_attention(layers: TowerLayers, blocks: Any, pool: Any) -> TowerLayers:
    is_plain = all(is_plain_attention(getattr(block, "attn", None)) for block in blocks)
    return replace(layers, has_plain_attention=is_plain, has_plain_pool=pool is None or is_plain_pool(pool))


def _blocks(
    blocks: str, parts: tuple[str, str], depth: int, n_prefix: int, grid: tuple[int, int], by_token: bool
) -> TowerLayers:
    """The layers of a transformer; parts: the normalisation before a block's attention, and that attention's output."""
    names = tuple(f"{blocks}[{index}].{parts[0]}" for index in range(depth))
    extra = f"{blocks}[{depth - 1}].{parts[1]}"
    return TowerLayers(names, names[-1], blocks, n_prefix, grid, extra, by_token)
