"""The asymmetric loss: absent findings are focused harder, and easy ones are dropped. Importing it loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from core.settings.fine_tune_options import FineTuneOptions
from core.settings.losses.base import LabelCounts, Objective

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class AsymmetricOptions(FineTuneOptions):
    """Defaults are those of arXiv 2009.14119.

    gamma_positive, gamma_negative : from 0; how much less a well decided label counts, by its kind.
    margin : 0..1; probability up to which an absent finding costs nothing.
    """

    gamma_positive: float = 0.0
    gamma_negative: float = 4.0
    margin: float = 0.05


def asymmetric(
    logits: torch.Tensor, targets: torch.Tensor, gamma_positive: float, gamma_negative: float, margin: float
) -> torch.Tensor:
    """Compute the asymmetric loss by film and class: (n, C) of (n, C).

    Present: -(1 - p)^gamma_positive log p, p = sigmoid(z). Absent: -p_m^gamma_negative log(1 - p_m),
    p_m = max(p - margin, 0). The classes' numbers play no part, so one without a positive film is learnt as any other.
    Source: Ridnik, Ben-Baruch, Zamir, Noy, Friedman, Protter, Zelnik-Manor, arXiv 2009.14119, equation 7.
    """
    from torch.nn.functional import logsigmoid

    p = logits.sigmoid()
    shifted = (p - margin).clamp(min=0)
    # 1 - p_m = (1 - p) + margin below 1, from 1 - p itself: the difference 1 - p rounds to 0 at large logits
    kept = ((-logits).sigmoid() + margin).clamp(max=1)
    present = -((1 - p) ** gamma_positive) * logsigmoid(logits)
    absent = -(shifted**gamma_negative) * (kept.log() if margin > 0 else logsigmoid(-logits))
    return targets * present + (1 - targets) * absent


def objective(options: AsymmetricOptions, counts: LabelCounts) -> Objective:
    """Give the asymmetric loss."""
    positive, negative, margin = options.gamma_positive, options.gamma_negative, options.margin
    return Objective(partial(asymmetric, gamma_positive=positive, gamma_negative=negative, margin=margin))
