"""Binary cross-entropy, every label alike: what the paper's settings are trained with. Importing it loads no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.settings.losses.base import LabelCounts, Objective

if TYPE_CHECKING:
    import torch

    from core.settings.fine_tune_options import FineTuneOptions


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Compute -y log p - (1 - y) log(1 - p), p = sigmoid(z), by film and class: (n, C) of (n, C)."""
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(logits, targets, reduction="none")


def objective(options: FineTuneOptions, counts: LabelCounts) -> Objective:
    """Give the loss; it asks for nothing."""
    return Objective(cross_entropy)
