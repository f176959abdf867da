"""How an image tower makes one embedding of its patches."""

from __future__ import annotations

from typing import Any

import torch

from core.models.loaders.base import Pooling


def pooling_of(visual: torch.nn.Module) -> Pooling:
    """Tell how a tower of open_clip's or timm's pools its patches; what has neither token nor pool averages them."""
    trunk: Any = getattr(visual, "trunk", visual)
    pools = [getattr(part, "attn_pool", getattr(part, "attnpool", None)) for part in (visual, trunk)]
    pools.append(getattr(getattr(visual, "head", None), "pool", None))  # open_clip's, after a trunk of timm's
    if any(isinstance(pool, torch.nn.Module) for pool in pools):
        return "attention"
    if hasattr(trunk, "blocks"):
        return "class token" if getattr(trunk, "global_pool", "") == "token" else "mean"
    is_open_clips = hasattr(getattr(visual, "transformer", None), "resblocks")
    return "class token" if is_open_clips and getattr(visual, "pool_type", "tok") == "tok" else "mean"
