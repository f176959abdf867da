"""Image towers that timm does not name: a small vision transformer pooled by its class token, like BiomedCLIP's.

open_clip hands timm nothing but a model's name, so depth and input size must be part of it. Importing this module
registers the name with timm; open_clip's own `local-dir:` loading then finds it too.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import torch

from core.models.torchvision_guard import timm

PHANTOM_CROP_PX: Final = 160
"""Input size of `vit_phantom_patch16_160`: a grid of 10 x 10 tokens of 16 pixels each."""

PHANTOM_WIDTH: Final = 192
PHANTOM_DEPTH: Final = 6
PHANTOM_HEADS: Final = 3


def vit_phantom_patch16_160(pretrained: bool = False, **arguments: Any) -> torch.nn.Module:
    """Build, as timm's entry point, a 192 x 6 vision transformer whose patches are embedded by four strided
    convolutions.

    Source of the stem: Xiao et al., "Early Convolutions Help Transformers See Better", NeurIPS 2021. It needs far
    fewer films than a linear patch embedding to train from scratch. Normalised film by film (one group).
    """
    from timm.layers import GroupNorm1, HybridEmbed
    from timm.models.vision_transformer_hybrid import ConvStem

    stem = ConvStem(
        depth=4,
        channels=(24, 48, 96, PHANTOM_WIDTH),
        kernel_size=3,
        stride=(2, 2, 2, 2),
        norm_layer=GroupNorm1,
        act_layer=torch.nn.GELU,
    )
    shape: dict[str, Any] = {"img_size": PHANTOM_CROP_PX, "patch_size": 1, "embed_dim": PHANTOM_WIDTH}
    shape |= {"depth": PHANTOM_DEPTH, "num_heads": PHANTOM_HEADS}
    shape |= {"embed_layer": partial(HybridEmbed, backbone=stem, proj=False), "dynamic_img_size": True}
    name = "vit_phantom_patch16_160"
    arguments["pretrained_cfg"] = {"architecture": name, "input_size": (3, PHANTOM_CROP_PX, PHANTOM_CROP_PX)}
    model: torch.nn.Module = timm.models.build_model_with_cfg(
        timm.models.VisionTransformer, name, pretrained, **{**shape, **arguments}
    )
    return model


if not timm.is_model("vit_phantom_patch16_160"):
    timm.models.register_model(vit_phantom_patch16_160)
