"""Low-rank adaptation of an image tower's attention, by the library peft.

Source: Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang, Chen, arXiv 2106.09685.
"""

from __future__ import annotations

import re
from typing import Final

import torch

from core.errors import StudyError
from core.models.torchvision_guard import timm as timm  # peft imports torchvision, which must be made safe before
from core.settings.lora_options import LoraOptions

LORA: Final = "lora.safetensors"
"""Its file below the folder of its setting: the low-rank weights by the names under which peft loads them."""

_INPUTS: Final = ("qkv", "q", "k", "v", "kv", "q_proj", "k_proj", "v_proj")
"""What timm's attention calls its layers from the input to queries, keys and values."""


def attention_inputs(visual: torch.nn.Module) -> tuple[list[str], list[str]]:
    """Name what maps a tower's input to queries, keys and values: linear layers, and weights outside of one.

    The latter are those of torch's own attention, which keeps all three in one weight.
    """
    layers, weights = list[str](), list[str]()
    for name, module in visual.named_modules():
        if isinstance(module, torch.nn.MultiheadAttention) and module.in_proj_weight is not None:
            weights.append(f"{name}.in_proj_weight")
        elif hasattr(module, "fused_attn"):  # what timm's attention layers have in common
            children = dict(module.named_children())
            layers += [f"{name}.{part}" for part in _INPUTS if type(children.get(part)) is torch.nn.Linear]
    return layers, weights


def with_lora(visual: torch.nn.Module, options: LoraOptions) -> torch.nn.Module:
    """Add low-rank weights to a tower's attention; they alone take a gradient, and at first they change nothing.

    A is drawn from the seed, B is 0. Raises StudyError where the tower has no attention, as a convolutional one.
    """
    from peft import LoraConfig
    from peft.tuners.lora import LoraModel

    layers, weights = attention_inputs(visual)
    if not layers and not weights:
        raise StudyError(
            f"The image tower ({type(visual).__name__}) has no attention whose weights could be adapted by low rank.",
            remedy="Leave the setting lora out for this model, or choose one whose image tower is a transformer.",
        )
    config = LoraConfig(
        r=options.rank,
        lora_alpha=options.alpha,  # type: ignore[arg-type]
        target_modules="|".join(re.escape(name) for name in layers) if layers else [],
        target_parameters=weights or None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        return LoraModel(visual.requires_grad_(False), config, "default")


def merged(tower: torch.nn.Module) -> torch.nn.Module:
    """Add the low-rank weights to those that they belong to, and give the tower as it was built: the same outputs."""
    visual = tower.merge_and_unload()  # type: ignore[operator]
    assert isinstance(visual, torch.nn.Module)
    return visual


def low_rank_weights(tower: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Give the low-rank weights alone, by the names under which peft keeps and loads them."""
    return {
        f"base_model.{name.replace('.default', '')}": weight.detach()
        for name, weight in tower.named_parameters()
        if weight.requires_grad
    }
