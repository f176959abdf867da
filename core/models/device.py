"""Where to compute: a CUDA GPU where there is one, the CPU otherwise."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

Precision = Literal["fp32", "bf16", "fp16"]
"""fp32: single precision throughout; bf16, fp16: weights stay fp32, products are computed in half precision."""

_HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


def best_device() -> str:
    """`cuda` where torch finds a GPU, `cpu` otherwise."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def autocast(device: str | torch.device, precision: Precision) -> AbstractContextManager[object]:
    """The context that computes in `precision` on `device`; nothing changes for fp32."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(torch.device(device).type, dtype=_HALF[precision])
