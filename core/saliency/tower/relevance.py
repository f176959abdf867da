"""The rules of AttnLRP, as gradients: while they hold, a value times its gradient is the relevance that it carries.

Source: Achtibat et al., ICML 2024. Linear layers and sums keep their gradient (the epsilon rule with epsilon 0). A
normalisation's spread is taken as a constant, and so is the ratio of an activation to its input (the identity rule). Of
a product of two values each gets half: a half to the values that attention mixes and a quarter to query and key, whose
product meets the mixed values in another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

Parts = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Query, key and value, (n, heads, T, d of a head)."""

_ACTIVATIONS = ("GELU", "QuickGELU", "GELUTanh", "GELUQuick", "ReLU", "SiLU")


@contextmanager
def rules_of_relevance(visual: torch.nn.Module) -> Iterator[None]:
    """Let normalisations and activations of an image tower follow the rules; what it computes stays the same."""
    with ExitStack() as stack:
        for module in visual.modules():
            rule = _rule_of(module)
            if rule is not None:
                module.__dict__["forward"] = rule
                stack.callback(module.__dict__.pop, "forward")
        yield


def _rule_of(module: Any) -> Callable[[torch.Tensor], torch.Tensor] | None:
    if isinstance(module, torch.nn.LayerNorm):
        return lambda values: _normalised(module, values)
    if type(module).__name__ in _ACTIVATIONS:
        return _activated(type(module).forward.__get__(module))
    return None


def _normalised(module: torch.nn.LayerNorm, values: torch.Tensor) -> torch.Tensor:
    axes = tuple(range(-len(module.normalized_shape), 0))
    centred = values - values.mean(dim=axes, keepdim=True)
    spread = (centred.square().mean(dim=axes, keepdim=True) + module.eps).sqrt().detach()
    scaled = centred / spread
    scaled = scaled if module.weight is None else scaled * module.weight
    return scaled if module.bias is None else scaled + module.bias


def _activated(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
    def forward(values: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            ratio = function(values.clone()) / torch.where(values == 0, torch.full_like(values, 1e-10), values)
        return values * ratio

    return forward


def parts_by_relevance(parts: Parts) -> Parts:
    """Give the same values with the gradients that relevance has."""
    query, key, value = parts
    return _scaled(query, 0.25), _scaled(key, 0.25), _scaled(value, 0.5)


def _scaled(values: torch.Tensor, factor: float) -> torch.Tensor:
    """The same values with a gradient that is smaller by a factor."""
    return values * factor + (values * (1 - factor)).detach()
