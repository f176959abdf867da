"""Where to compute: a CUDA GPU where there is one, the CPU otherwise; and in which precision."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final, Literal

import torch

Precision = Literal["fp32", "bf16", "fp16"]
"""fp32: single precision throughout. bf16, fp16: films are encoded with weights in half precision; prompts and training
keep fp32 weights and compute products in half precision."""

torch.backends.cudnn.allow_tf32 = False  # convolutions in fp32 would keep 10 of 23 bits on a GPU

HALF: Final = {"bf16": torch.bfloat16, "fp16": torch.float16}


def best_device() -> str:
    """Name `cuda` where torch finds a GPU, `cpu` otherwise."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def autocast(device: str | torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Give the context that computes in `precision` on `device`; nothing changes for fp32."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(torch.device(device).type, dtype=HALF[precision])


def computes_bf16(device: torch.device) -> bool:
    """Tell whether the device has instructions for bf16; without them it is emulated, and slower than fp32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    found = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(bool(found.get(name)) for name in ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16"))


def free_memory(device: torch.device) -> int | None:
    """Count the bytes that are free on a device; None where nobody can say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kilobytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if rest}
    return 1024 * kilobytes["MemAvailable"] if "MemAvailable" in kilobytes else None


def is_out_of_memory(error: RuntimeError) -> bool:
    """Tell whether torch ran out of memory, on a GPU or on a CPU."""
    return isinstance(error, torch.cuda.OutOfMemoryError) or "can't allocate memory" in str(error)
