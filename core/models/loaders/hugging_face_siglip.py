"""SigLIP and SigLIP 2 as transformers has them: a sigmoid with a bias for each caption, pooled by attention.

MedSigLIP is a SigLIP; the SigLIP 2 of one resolution are too, and those of any resolution ("naflex") are a class of
their own, which is given a square film of as many patches as it was trained for.
Source: Zhai et al., ICCV 2023 (arXiv 2303.15343); Tschannen et al., arXiv 2502.14786.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.models.loaders.base import Facts, Loaded, Loader
from core.models.loaders.folder_files import config_in, safetensors_in

if TYPE_CHECKING:
    import torch

    from core.models.preprocess import FilmTransform
    from core.models.rehoused import Shape, Tower

_NAME: Final = "hugging_face_siglip"
_CONFIG: Final = "config.json"
_ANY_SIZE: Final = "siglip2"
_BLOCK: Final = {"layer_norm1": "norm1", "self_attn.out_proj": "attn.proj", "layer_norm2": "norm2", "mlp": "mlp"}
_QKV: Final = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")
_TOKENIZERS: Final = ("Siglip", "Gemma", "T5")
_SQUASHED: Final = "This model takes films of any shape; here it is given the whole film, squashed into a square."


def _is_one(folder: Path) -> bool:
    return config_in(folder, _CONFIG).get("model_type") in ("siglip", _ANY_SIZE)


def _load(folder: Path, device: str) -> Loaded:
    from core.models.hugging_face import pretrained
    from core.models.hugging_face_text import HuggingFaceText, load_tokens
    from core.models.rehoused import TwoTowers

    made = pretrained(folder, lambda library: library.Siglip2Model if _takes_any_size(folder) else library.SiglipModel)
    visual, transform, notes = _visual(folder, made)
    config = made.config.text_config
    text = HuggingFaceText(made.text_model, _nothing(), int(config.vocab_size))
    tokens = load_tokens(folder, text, _TOKENIZERS, config)
    scale, bias = math.exp(float(made.logit_scale)), float(made.logit_bias)
    facts = Facts(_NAME, "attention", "sigmoid", scale, bias, tokens.context_length, notes)
    model = TwoTowers(visual, text).to(device).eval().requires_grad_(False)
    return Loaded(model, transform, tokens, int(made.config.vision_config.hidden_size), facts)


def _load_visual(folder: Path, device: str) -> tuple[torch.nn.Module, FilmTransform]:
    from core.models.hugging_face import pretrained

    made = pretrained(
        folder,
        lambda library: library.Siglip2VisionModel if _takes_any_size(folder) else library.SiglipVisionModel,
        unread=("text_model", "logit_"),
    )
    visual, transform, _ = _visual(folder, made)
    return visual.to(device), transform


def _takes_any_size(folder: Path) -> bool:
    return config_in(folder, _CONFIG).get("model_type") == _ANY_SIZE


def _nothing() -> torch.nn.Module:
    import torch

    return torch.nn.Identity()


def _visual(folder: Path, made: Any) -> tuple[Tower, FilmTransform, tuple[str, ...]]:
    """The tower on timm's modules; how films are prepared for it, and notes."""
    from core.models.hugging_face import square
    from core.models.rehoused import Shape, rehoused, require_alike

    vision = getattr(made, "vision_model", made)
    config, any_size = vision.config, _takes_any_size(folder)
    _require_pool(folder, config)
    patch_px, depth = square(config.patch_size, folder, "patch_size"), int(config.num_hidden_layers)
    transform, notes = _prepared(folder, config, patch_px)
    shape = Shape(
        transform.crop_px, patch_px, int(config.hidden_size), depth, int(config.num_attention_heads),
        int(config.intermediate_size), str(config.hidden_act), float(config.layer_norm_eps), "map",
    )  # fmt: skip
    tower = rehoused(shape, _weights(vision, shape, any_size=any_size))
    require_alike(tower, lambda pixels: _library(vision, pixels, patch_px, any_size=any_size), str(folder))
    tower.preprocess_cfg = dict(transform.cfg)
    return tower.eval().requires_grad_(False), transform, notes


def _weights(vision: Any, shape: Shape, *, any_size: bool) -> dict[str, torch.Tensor]:
    """The weights by timm's names."""
    import torch

    from core.models.hugging_face import state_of
    from core.models.rehoused import block_weights, pool_weights

    given = state_of(vision)
    patches, positions = given["embeddings.patch_embedding.weight"], given["embeddings.position_embedding.weight"]
    if any_size:  # (d, rows, columns, channels) of a patch, flat; positions as many as there are patches
        patches = patches.reshape(len(patches), shape.patch_px, shape.patch_px, -1).permute(0, 3, 1, 2)
        there, here = math.isqrt(len(positions)), shape.image_px // shape.patch_px
        square, grid = positions[: there**2].reshape(there, there, -1), torch.tensor([[here, here]])
        positions = vision.embeddings.resize_positional_embeddings(square, grid, here**2)[0]
    return {
        "patch_embed.proj.weight": patches,
        "patch_embed.proj.bias": given["embeddings.patch_embedding.bias"],
        "pos_embed": positions[None],
        **block_weights(given, _BLOCK, _QKV, shape.depth, "encoder.layers"),
        **{f"norm.{kind}": given[f"post_layernorm.{kind}"] for kind in ("weight", "bias")},
        **pool_weights(given, "head"),
    }


def _require_pool(folder: Path, config: Any) -> None:
    from core.errors import ModelError

    if not config.vision_use_head:
        raise ModelError(
            f"{folder / _CONFIG}: the image tower has no pool (vision_use_head), so it gives no embedding of a film.",
            remedy="Use the model as it was trained, with its pool.",
        )


def _prepared(folder: Path, config: Any, patch_px: int) -> tuple[FilmTransform, tuple[str, ...]]:
    from core.models.hugging_face import Preparation, prepared, prepared_by_patches, square

    if _takes_any_size(folder):
        return prepared_by_patches(folder, ("Siglip2",), patch_px), (_SQUASHED,)
    side = square(config.image_size, folder, "image_size")
    return prepared(folder, Preparation(("Siglip",), usual_mean=0.5), side)


def _library(vision: Any, pixels: torch.Tensor, patch_px: int, *, any_size: bool) -> torch.Tensor:
    """transformers' own embedding of square films."""
    import torch

    if not any_size:
        found: torch.Tensor = vision(pixel_values=pixels).pooler_output
        return found
    n, channels, side, _ = pixels.shape
    grid = side // patch_px
    cut = pixels.reshape(n, channels, grid, patch_px, grid, patch_px).permute(0, 2, 4, 3, 5, 1).reshape(n, grid**2, -1)
    whole = torch.ones(n, grid**2, dtype=torch.long)
    shapes = torch.tensor([[grid, grid]] * n)
    by_patches: torch.Tensor = vision(pixel_values=cut, pixel_attention_mask=whole, spatial_shapes=shapes).pooler_output
    return by_patches


LOADER: Final = Loader(
    name=_NAME,
    title="SigLIP and SigLIP 2 of transformers",
    config=_CONFIG,
    is_one=_is_one,
    weights=safetensors_in,
    load=_load,
    load_visual=_load_visual,
    downloaded=("*.json", "*.txt", "*.model", "*.safetensors"),
)
