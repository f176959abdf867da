"""DINOv2 as transformers has it, with registers or without: an image tower alone, such as RAD-DINO."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.models.loaders.base import Facts, Loaded, Loader
from core.models.loaders.folder_files import config_in, safetensors_in

if TYPE_CHECKING:
    import torch

    from core.models.preprocess import FilmTransform
    from core.models.rehoused import Shape, Tower

_NAME: Final = "dinov2"
_CONFIG: Final = "config.json"
_PLAIN: Final = "dinov2"
_WITH_REGISTERS: Final = "dinov2_with_registers"
_BLOCK: Final = {
    "norm1": "norm1",
    "attention.o_proj": "attn.proj",
    "layer_scale1.lambda1": "ls1.gamma",
    "norm2": "norm2",
    "layer_scale2.lambda1": "ls2.gamma",
}
_PLAIN_HALF: Final = {"mlp": "mlp"}
_GATED_HALF: Final = {"mlp.gate_proj": "mlp.fc1_g", "mlp.up_proj": "mlp.fc1_x", "mlp.down_proj": "mlp.fc2"}
_QKV: Final = ("attention.q_proj", "attention.k_proj", "attention.v_proj")


def _is_one(folder: Path) -> bool:
    return config_in(folder, _CONFIG).get("model_type") in (_PLAIN, _WITH_REGISTERS)


def _load(folder: Path, device: str) -> Loaded:
    from core.models.rehoused import TwoTowers

    visual, transform = _load_visual(folder, device)
    width = int(config_in(folder, _CONFIG).get("hidden_size", 768))
    return Loaded(TwoTowers(visual, None), transform, None, width, Facts(_NAME, "class token"))


def _load_visual(folder: Path, device: str) -> tuple[torch.nn.Module, FilmTransform]:
    from core.models.hugging_face import Preparation, prepared, pretrained, square
    from core.models.rehoused import Shape, rehoused, require_alike

    has_registers = config_in(folder, _CONFIG).get("model_type") == _WITH_REGISTERS
    made = pretrained(
        folder,
        lambda library: library.Dinov2WithRegistersModel if has_registers else library.Dinov2Model,
        unread=("classifier.",),
    )
    config = made.config
    transform, _ = prepared(folder, Preparation(("Bit", "ViT", "Dino", "CLIP")), None)
    mlp = made.encoder.layer[0].mlp
    shape = Shape(
        transform.crop_px,
        square(config.patch_size, folder, "patch_size"),
        int(config.hidden_size),
        int(config.num_hidden_layers),
        int(config.num_attention_heads),
        int((mlp.gate_proj if config.use_swiglu_ffn else mlp.fc1).out_features),
        "silu" if config.use_swiglu_ffn else str(config.hidden_act),
        float(config.layer_norm_eps),
        "token",
        has_layer_scale=True,
        n_registers=int(config.num_register_tokens) if has_registers else 0,
        is_gated=bool(config.use_swiglu_ffn),
        has_qkv_bias=bool(config.qkv_bias),
    )
    tower = rehoused(shape, _weights(made, shape))
    require_alike(tower, lambda pixels: made(pixel_values=pixels).pooler_output, str(folder))
    return _ready(tower, transform).to(device), transform


def _weights(made: Any, shape: Shape) -> dict[str, torch.Tensor]:
    """The weights by timm's names; positions for films of the size that this model is given."""
    import torch

    from core.models.hugging_face import state_of
    from core.models.rehoused import block_weights, prefix_weights

    given = state_of(made)
    n_patches = (shape.image_px // shape.patch_px) ** 2
    tokens = torch.empty(1, 1 + n_patches, shape.width)
    positions = made.embeddings.interpolate_pos_encoding(tokens, shape.image_px, shape.image_px)[0]
    half = _GATED_HALF if shape.is_gated else _PLAIN_HALF
    found = {
        "patch_embed.proj.weight": given["embeddings.patch_embeddings.projection.weight"],
        "patch_embed.proj.bias": given["embeddings.patch_embeddings.projection.bias"],
        **prefix_weights(given["embeddings.cls_token"][0, 0], positions),
        **block_weights(given, {**_BLOCK, **half}, _QKV, shape.depth, "encoder.layer"),
        **{f"norm.{kind}": given[f"layernorm.{kind}"] for kind in ("weight", "bias")},
    }
    return found | ({"reg_token": given["embeddings.register_tokens"]} if shape.n_registers else {})


def _ready(tower: Tower, transform: FilmTransform) -> Tower:
    tower.preprocess_cfg = dict(transform.cfg)
    return tower.eval().requires_grad_(False)


LOADER: Final = Loader(
    name=_NAME,
    title="DINOv2 of transformers",
    config=_CONFIG,
    is_one=_is_one,
    weights=safetensors_in,
    load=_load,
    load_visual=_load_visual,
    downloaded=("*.json", "*.safetensors"),
)
