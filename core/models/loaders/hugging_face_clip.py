"""CLIP as transformers has it: softmax over captions, pooled at the class token."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.models.loaders.base import Facts, Loaded, Loader
from core.models.loaders.folder_files import config_in, safetensors_in

if TYPE_CHECKING:
    import torch

    from core.models.preprocess import FilmTransform
    from core.models.rehoused import Tower

_NAME: Final = "hugging_face_clip"
_CONFIG: Final = "config.json"
_BLOCK: Final = {
    "layer_norm1": "norm1",
    "self_attn.out_proj": "attn.proj",
    "layer_norm2": "norm2",
    "mlp": "mlp",
}
_QKV: Final = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")


def _is_one(folder: Path) -> bool:
    return config_in(folder, _CONFIG).get("model_type") == "clip"


def _load(folder: Path, device: str) -> Loaded:
    from core.models.hugging_face import pretrained
    from core.models.hugging_face_text import HuggingFaceText, load_tokens
    from core.models.rehoused import TwoTowers

    made = pretrained(folder, lambda transformers: transformers.CLIPModel)
    visual, transform, notes = _visual(folder, made)
    config = made.config.text_config
    text = HuggingFaceText(made.text_model, made.text_projection, int(config.vocab_size))
    tokens = load_tokens(folder, text, ("CLIP",), config, end_id=int(config.eos_token_id))
    scale = math.exp(float(made.logit_scale))
    facts = Facts(_NAME, "class token", "softmax", scale, None, tokens.context_length, notes)
    model = TwoTowers(visual, text).to(device).eval().requires_grad_(False)
    return Loaded(model, transform, tokens, int(made.config.projection_dim), facts)


def _load_visual(folder: Path, device: str) -> tuple[torch.nn.Module, FilmTransform]:
    from core.models.hugging_face import pretrained

    made = pretrained(folder, lambda transformers: transformers.CLIPModel)
    visual, transform, _ = _visual(folder, made)
    return visual.to(device), transform


def _visual(folder: Path, made: Any) -> tuple[Tower, FilmTransform, tuple[str, ...]]:
    """The tower on timm's modules; how films are prepared for it, and notes."""
    from core.models.hugging_face import Preparation, prepared, square, state_of
    from core.models.rehoused import Shape, block_weights, prefix_weights, rehoused, require_alike

    config = made.vision_model.config
    side = square(config.image_size, folder, "image_size")
    transform, notes = prepared(folder, Preparation(("CLIP",)), side)
    given, depth = state_of(made.vision_model), int(config.num_hidden_layers)
    weights = {
        "patch_embed.proj.weight": given["embeddings.patch_embedding.weight"],
        **prefix_weights(given["embeddings.class_embedding"], given["embeddings.position_embedding.weight"]),
        **block_weights(given, _BLOCK, _QKV, depth, "encoder.layers"),
    }
    for theirs, ours in (("pre_layrnorm", "norm_pre"), ("post_layernorm", "norm")):
        weights |= {f"{ours}.{kind}": given[f"{theirs}.{kind}"] for kind in ("weight", "bias")}
    shape = Shape(
        side, square(config.patch_size, folder, "patch_size"), int(config.hidden_size), depth,
        int(config.num_attention_heads), int(config.intermediate_size), str(config.hidden_act),
        float(config.layer_norm_eps), "token", has_pre_norm=True,
    )  # fmt: skip
    tower = rehoused(shape, weights, made.visual_projection.weight)
    require_alike(tower, lambda pixels: made.get_image_features(pixel_values=pixels).pooler_output, str(folder))
    tower.preprocess_cfg = dict(transform.cfg)
    return tower.eval().requires_grad_(False), transform, notes


LOADER: Final = Loader(
    name=_NAME,
    title="CLIP of transformers",
    config=_CONFIG,
    is_one=_is_one,
    weights=safetensors_in,
    load=_load,
    load_visual=_load_visual,
    downloaded=("*.json", "*.txt", "*.model", "*.safetensors"),
)
