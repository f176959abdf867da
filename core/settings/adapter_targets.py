"""What the adapters' saliency maps are gradients of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from core.models.arrays import Float32Array
from core.settings.clip_adapter_training import adapted_logits


@dataclass(frozen=True, eq=False)
class CacheTarget:
    """Tip-Adapter. keys : (m, d), values : (m, C), directions : (C, d)."""

    keys: torch.Tensor
    values: torch.Tensor
    directions: torch.Tensor
    alpha: float
    beta: float

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        films = torch.nn.functional.normalize(embeddings, dim=-1)
        nearness = torch.exp(-self.beta * (1 - films @ self.keys.T))
        return films @ self.directions.T + self.alpha * (nearness @ self.values)

    def describe(self, finding: str) -> str:
        """Say what the score of a class is, in words."""
        return f"logit of {finding} from prompts and the nearest train films"


@dataclass(frozen=True, eq=False)
class AdapterTarget:
    """CLIP-Adapter. weights : of its two layers. directions : (C, d)."""

    weights: Mapping[str, torch.Tensor]
    directions: torch.Tensor
    ratio: float

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        return adapted_logits(self.weights, self.directions, self.ratio, embeddings)

    def describe(self, finding: str) -> str:
        """Say what the score of a class is, in words."""
        return f"logit of {finding} from prompts and the adapted film"


def cache_target(
    keys: Float32Array,
    values: Float32Array,
    directions: Float32Array,
    alpha: float,
    beta: float,
    *,
    device: torch.device,
) -> CacheTarget:
    """Make Tip-Adapter's target."""
    parts = [torch.tensor(part, dtype=torch.float32, device=device) for part in (keys, values, directions)]
    return CacheTarget(parts[0], parts[1], parts[2], alpha, beta)


def adapter_target(kept: Mapping[str, Float32Array], ratio: float, device: torch.device) -> AdapterTarget:
    """Make CLIP-Adapter's target from what a study keeps of it."""
    tensors = {name: torch.tensor(part, dtype=torch.float32, device=device) for name, part in kept.items()}
    return AdapterTarget(tensors, tensors["directions"], ratio)
