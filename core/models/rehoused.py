"""A vision transformer of another library on timm's modules, weight by weight: the same numbers, and all that this
project does with a tower (maps, low-rank weights, half precision) works on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import torch

from core.errors import ModelError
from core.models.torchvision_guard import timm

ACTIVATIONS: Final[Mapping[str, str]] = {
    "quick_gelu": "quick_gelu",
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "relu": "relu",
    "silu": "silu",
}
"""What timm calls the activations of transformers."""

_LEAST_ALIKE: Final = 1e-4
"""Most that an embedding may differ from that of the library it came from, as a share of its length."""


@dataclass(frozen=True)
class Shape:
    """A vision transformer.

    image_px, patch_px : sides of the square film and of a patch.
    hidden : width of a block's second half.
    activation : as transformers calls it.
    pool : "token" (the class token), or "map" (a learnt query attends to all patches).
    n_registers : tokens beside the class token that nothing reads.
    is_gated : whether a block's second half is SwiGLU.
    """

    image_px: int
    patch_px: int
    width: int
    depth: int
    heads: int
    hidden: int
    activation: str
    eps: float
    pool: Literal["token", "map"]
    has_pre_norm: bool = False
    has_layer_scale: bool = False
    n_registers: int = 0
    is_gated: bool = False
    has_qkv_bias: bool = True


class Tower(torch.nn.Module):
    """An image tower, (n, 3, S, S) -> (n, d): a trunk of timm's, and a projection of what it pools."""

    preprocess_cfg: dict[str, Any]

    def __init__(self, trunk: torch.nn.Module, head: torch.nn.Module, image_px: int) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head
        self.image_size = (image_px, image_px)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Compute the embeddings, un-normalised."""
        embeddings: torch.Tensor = self.head(self.trunk(pixels))
        return embeddings

    def set_grad_checkpointing(self, enable: bool = True) -> None:
        """Keep only each block's input for the backward pass."""
        self.trunk.set_grad_checkpointing(enable)  # type: ignore[operator]


class TwoTowers(torch.nn.Module):
    """An image tower and a text tower, (n, T) token ids -> (n, d); None where there is none."""

    def __init__(self, visual: torch.nn.Module, text: torch.nn.Module | None) -> None:
        super().__init__()
        self.visual, self.text = visual, text

    def encode_text(self, ids: torch.Tensor) -> torch.Tensor:
        """Compute the embeddings, un-normalised, of prompts."""
        assert self.text is not None
        embeddings: torch.Tensor = self.text(ids)
        return embeddings


def rehoused(shape: Shape, weights: Mapping[str, torch.Tensor], projection: torch.Tensor | None = None) -> Tower:
    """Build a tower on timm's modules.

    weights : by timm's names, all of them.
    projection : (d, width) of what is pooled; None is none.
    Raises ModelError for an activation that timm does not have.
    """
    if shape.activation not in ACTIVATIONS:
        raise ModelError(
            f"The image tower's activation is {shape.activation!r}; expected one of {', '.join(ACTIVATIONS)}.",
            remedy="Use a model with one of these.",
        )
    with torch.device("meta"):  # weights are not drawn first
        trunk = _trunk(shape)
    copied = {name: _copied(value) for name, value in weights.items()}
    trunk.load_state_dict(copied, assign=True)
    return Tower(trunk, torch.nn.Identity() if projection is None else _projection(projection), shape.image_px)


def _trunk(shape: Shape) -> torch.nn.Module:
    trunk: torch.nn.Module = timm.models.VisionTransformer(
        img_size=shape.image_px,
        patch_size=shape.patch_px,
        num_classes=0,
        global_pool=shape.pool,
        embed_dim=shape.width,
        depth=shape.depth,
        num_heads=shape.heads,
        mlp_ratio=(shape.hidden + 0.5) / shape.width,  # half a unit more, as timm rounds down
        qkv_bias=shape.has_qkv_bias,
        init_values=1.0 if shape.has_layer_scale else None,
        class_token=shape.pool == "token",
        no_embed_class=True,
        reg_tokens=shape.n_registers,
        pre_norm=shape.has_pre_norm,
        weight_init="skip",
        norm_layer=partial(torch.nn.LayerNorm, eps=shape.eps),
        act_layer=ACTIVATIONS[shape.activation],
        mlp_layer=timm.layers.SwiGLU if shape.is_gated else timm.layers.Mlp,
    )
    return trunk


def _projection(weight: torch.Tensor) -> torch.nn.Module:
    head = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False, device="meta")
    head.load_state_dict({"weight": _copied(weight)}, assign=True)
    return head


def _copied(weight: torch.Tensor) -> torch.Tensor:
    """In memory of its own: products of what lies elsewhere, as in a file that is mapped, are rounded otherwise."""
    return weight.detach().clone(memory_format=torch.contiguous_format)


def prefix_weights(class_token: torch.Tensor, positions: torch.Tensor) -> dict[str, torch.Tensor]:
    """Give the class token with its own position added, and the positions of patches.

    class_token : (d,), positions : (1 + n_patches, d), the class token's first.
    """
    return {"cls_token": (class_token + positions[0])[None, None], "pos_embed": positions[None, 1:]}


def block_weights(
    given: Mapping[str, torch.Tensor], names: Mapping[str, str], qkv: tuple[str, str, str], depth: int, layers: str
) -> dict[str, torch.Tensor]:
    """Give the weights of all blocks by timm's names.

    given : by the other library's names. layers : their path before a block's number.
    names : a part of a block there -> here; qkv : of its three projections there.
    """
    found: dict[str, torch.Tensor] = {}
    for index in range(depth):
        there, here = f"{layers}.{index}.", f"blocks.{index}."
        for kind in ("weight", "bias"):
            parts = [given.get(f"{there}{name}.{kind}") for name in qkv]
            if all(part is not None for part in parts):
                found[f"{here}attn.qkv.{kind}"] = torch.cat([part for part in parts if part is not None])
        for theirs, ours in names.items():
            found |= {
                here + ours + name.removeprefix(there + theirs): value
                for name, value in given.items()
                if name == there + theirs or name.startswith(f"{there}{theirs}.")
            }
    return found


def pool_weights(given: Mapping[str, torch.Tensor], head: str) -> dict[str, torch.Tensor]:
    """Give the weights of SigLIP's attention pool by timm's names; head : its path."""
    width = given[f"{head}.probe"].shape[-1]
    found = {"attn_pool.latent": given[f"{head}.probe"]}
    for kind in ("weight", "bias"):
        inputs = given[f"{head}.attention.in_proj_{kind}"]
        found[f"attn_pool.q.{kind}"], found[f"attn_pool.kv.{kind}"] = inputs[:width], inputs[width:]
        found[f"attn_pool.proj.{kind}"] = given[f"{head}.attention.out_proj.{kind}"]
        found[f"attn_pool.norm.{kind}"] = given[f"{head}.layernorm.{kind}"]
        for part in ("fc1", "fc2"):
            found[f"attn_pool.mlp.{part}.{kind}"] = given[f"{head}.mlp.{part}.{kind}"]
    return found


def require_alike(tower: Tower, library: Callable[[torch.Tensor], torch.Tensor], where: str) -> None:
    """Raise ModelError where a tower gives another embedding of a film of noise than the library that it came from."""
    side = tower.image_size[0]
    pixels = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        ours, theirs = tower(pixels), library(pixels)
    if not torch.isfinite(theirs).all() or (ours - theirs).norm() > _LEAST_ALIKE * theirs.norm():
        apart = float((ours - theirs).norm() / theirs.norm())
        raise ModelError(
            f"{where}: the image tower gives embeddings {apart:.1e} of their length away from transformers' own.",
            remedy="This model is built otherwise than its configuration says, and cannot be used here.",
        )
