"""Whether training fits into memory, and what to do where it does not: compute activations twice, keep few of them."""

from __future__ import annotations

import torch

from core.models.device import free_memory

_SHARE = 0.8
"""Of free memory, that training may fill."""

_COPIES = 4
"""Of every weight: itself, its gradient, AdamW's two moments."""


def checkpoint_activations(visual: torch.nn.Module) -> bool:
    """Let a tower keep only each block's input for its backward pass; False where it cannot.

    Gradients stay the same, a step takes about a third longer.
    Source: Chen, Xu, Zhang, Guestrin, arXiv 1604.06174.
    """
    switch = getattr(visual, "set_grad_checkpointing", None)
    if switch is None:
        return False
    switch(True)
    return True


def training_bytes(visual: torch.nn.Module, pixels: torch.Tensor, batch_size: int) -> int:
    """Estimate the bytes that training takes: weights, gradients, moments,
    and a batch of what one film keeps for its backward pass.

    pixels : one film (1, 3, S, S).
    """
    weights = sum(weight.numel() * weight.element_size() for weight in visual.parameters())
    kept: list[torch.Tensor] = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor)  # alive, or its address would be lent to the next
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        visual(pixels)
    sizes = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in kept}
    for weight in visual.parameters():
        sizes.pop(weight.untyped_storage().data_ptr(), None)
    return _COPIES * weights + batch_size * sum(sizes.values())


def fits(visual: torch.nn.Module, pixels: torch.Tensor, batch_size: int) -> bool:
    """Tell whether training without checkpoints fits into the free memory of the tower's device;
    True where nobody knows.
    """
    free = free_memory(pixels.device)
    return free is None or training_bytes(visual, pixels, batch_size) < _SHARE * free
