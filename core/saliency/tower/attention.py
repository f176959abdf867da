"""Reading the attention of a transformer's blocks while a film goes through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.nn import functional


@contextmanager
def watched_attention(blocks: Iterable[torch.nn.Module]) -> Iterator[list[torch.Tensor]]:
    """Yield a list that fills, block by block, with attention (n, heads, T, T) after its softmax, differentiable.

    Attention that is computed in one fused step is computed step by step meanwhile, which differs by rounding only.
    Whoever uses this holds the tower's lock: the blocks are as they were afterwards.
    """
    seen: list[torch.Tensor] = []
    with ExitStack() as stack:
        for block in blocks:
            attention = block.attn
            if isinstance(attention, torch.nn.MultiheadAttention):
                stack.callback(_replaced_forward(attention, seen))
            elif hasattr(attention, "attn_drop") and hasattr(attention, "fused_attn"):
                stack.callback(_unfused(attention, seen))
        yield seen


def _unfused(attention: Any, seen: list[torch.Tensor]) -> Callable[[], None]:
    """timm's attention, step by step; returns what puts it back."""
    before = attention.fused_attn
    attention.fused_attn = False

    def keep(_: torch.nn.Module, __: object, output: torch.Tensor) -> torch.Tensor:
        return _kept(output, seen)

    hook = attention.attn_drop.register_forward_hook(keep)

    def put_back() -> None:
        hook.remove()
        attention.fused_attn = before

    return put_back


def _replaced_forward(attention: torch.nn.MultiheadAttention, seen: list[torch.Tensor]) -> Callable[[], None]:
    """torch's attention, written out; returns what puts it back."""

    def forward(query: torch.Tensor, key: object, value: object, **_: object) -> tuple[torch.Tensor, None]:
        tokens = query if attention.batch_first else query.transpose(0, 1)
        output = _self_attention(attention, tokens, seen)
        return (output if attention.batch_first else output.transpose(0, 1)), None

    attention.__dict__["forward"] = forward
    return lambda: attention.__dict__.pop("forward")


def _self_attention(
    attention: torch.nn.MultiheadAttention, tokens: torch.Tensor, seen: list[torch.Tensor]
) -> torch.Tensor:
    """(n, T, d) -> (n, T, d): softmax(q k / sqrt(d of a head)) v of one block."""
    n, n_tokens, width = tokens.shape
    assert attention.in_proj_weight is not None
    parts = functional.linear(tokens, attention.in_proj_weight, attention.in_proj_bias)
    query, key, value = parts.reshape(n, n_tokens, 3, attention.num_heads, -1).permute(2, 0, 3, 1, 4)
    weights = (query @ key.transpose(-2, -1) * attention.head_dim**-0.5).softmax(dim=-1)
    mixed = (_kept(weights, seen) @ value).transpose(1, 2).reshape(n, n_tokens, width)
    result: torch.Tensor = attention.out_proj(mixed)
    return result


def _kept(weights: torch.Tensor, seen: list[torch.Tensor]) -> torch.Tensor:
    """Kept, and where the graph begins if it has not begun."""
    if torch.is_grad_enabled() and not weights.requires_grad:
        weights = weights.detach().requires_grad_()
    seen.append(weights)
    return weights


@contextmanager
def class_token_only(block: Any) -> Iterator[None]:
    """Let only the class token, the first, through a last block's second half, where nobody reads the others after it.

    Its normalised class token alone goes on; what is added to the patch tokens by that is wrong, and unread.
    block : None spares nothing.
    """
    norm = None if block is None else getattr(block, "norm2", None) or getattr(block, "ln_2", None)
    hook = norm.register_forward_hook(lambda _, __, output: output[:, :1]) if norm is not None else None
    try:
        yield
    finally:
        if hook is not None:
            hook.remove()
