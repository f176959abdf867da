"""The focal loss: what is decided well already counts less. Importing it loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from core.settings.fine_tune_options import FineTuneOptions
from core.settings.losses.base import LabelCounts, Objective
from core.settings.losses.plain import cross_entropy

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class FocalOptions(FineTuneOptions):
    """Defaults are those of arXiv 1708.02002.

    gamma : from 0; how much less a well decided label counts.
    alpha : 0..1; weight of a label "present"; one "absent" has 1 - alpha.
    """

    gamma: float = 2.0
    alpha: float = 0.25


def focal(logits: torch.Tensor, targets: torch.Tensor, gamma: float, alpha: float) -> torch.Tensor:
    """Compute -alpha_t (1 - p_t)^gamma log p_t by film and class: (n, C) of (n, C).

    p_t is p = sigmoid(z) where the label is "present" and 1 - p where it is "absent", alpha_t likewise. The classes'
    numbers play no part, so one without a positive film is learnt as any other.
    Source: Lin, Goyal, Girshick, He, Dollar, arXiv 1708.02002, equation 5.
    """
    signs = 2 * targets - 1
    missed = (-signs * logits).sigmoid()  # 1 - p_t
    weights = alpha * targets + (1 - alpha) * (1 - targets)
    return weights * missed**gamma * cross_entropy(logits, targets)


def objective(options: FocalOptions, counts: LabelCounts) -> Objective:
    """Give the focal loss."""
    return Objective(partial(focal, gamma=options.gamma, alpha=options.alpha))
