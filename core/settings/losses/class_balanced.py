"""Class-balanced cross-entropy: labels weigh as the inverse of their effective number. Importing it loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.settings.fine_tune_options import FineTuneOptions
from core.settings.losses.base import Elementwise, LabelCounts, Objective
from core.settings.losses.plain import cross_entropy

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ClassBalancedOptions(FineTuneOptions):
    """beta : 0..1; 0 weighs all labels alike, towards 1 labels weigh as the inverse of their number."""

    beta: float = 0.999


def balancing_weights(counts: LabelCounts, beta: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the weights (C,) of a label "present", and of a label "absent", by class.

    Each class is a problem of two kinds, present and absent, of n labels each. The effective number of n labels is
    E(n) = (1 - beta^n) / (1 - beta); a label weighs 1 / E(n), scaled so that the two weights of a class sum to 2, as
    the paper's sum to the number of classes. A class without a label of one kind has nothing to balance: both are 1.
    Source: Cui, Jia, Lin, Song, Belongie, arXiv 1901.05555, equation 10.
    """
    import torch

    effective = [1 - torch.pow(beta, n.double()) for n in (counts.n_positive, counts.n_negative)]
    shares = [2 * other / sum(effective) for other in reversed(effective)]  # 1/a : 1/b is b : a
    return tuple(torch.where(counts.has_both, share, 1.0).float() for share in shares)  # type: ignore[return-value]


def weighted(loss: Elementwise, counts: LabelCounts, beta: float) -> Elementwise:
    """Make a loss whose every label weighs as `balancing_weights` says."""
    import torch

    present, absent = balancing_weights(counts, beta)
    return lambda logits, targets: torch.where(targets == 1, present, absent) * loss(logits, targets)


def objective(options: ClassBalancedOptions, counts: LabelCounts) -> Objective:
    """Give the cross-entropy with class-balanced weights."""
    return Objective(weighted(cross_entropy, counts, options.beta))
