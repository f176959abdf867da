"""What a loss of logits and labels is made of. Importing it loads no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

Elementwise = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""(logits (n, C), targets (n, C) of {0, 1}) -> (n, C) losses, each of one film and class."""


@dataclass(frozen=True, eq=False)
class LabelCounts:
    """How many train films are labelled present, and how many absent, by class: float32 (C,), where training computes.

    Films without a label of a class are in neither.
    """

    n_positive: torch.Tensor
    n_negative: torch.Tensor

    @property
    def has_both(self) -> torch.Tensor:
        """Tell, by class (C,), whether films of both kinds were seen; without them there is nothing to balance."""
        return (self.n_positive > 0) & (self.n_negative > 0)


@dataclass(frozen=True, eq=False)
class Objective:
    """What training makes small: the mean of `elementwise` over the labels that were read.

    elementwise : of the last epochs, and of the val films always, so that epochs are compared by one measure.
    early : of the first `n_early` epochs; None is the same.
    """

    elementwise: Elementwise
    early: Elementwise | None = None
    n_early: int = 0

    def at(self, epoch: int) -> Elementwise:
        """Give the loss of an epoch, counted from 0."""
        return self.early if self.early is not None and epoch < self.n_early else self.elementwise


def count_labels(targets: torch.Tensor) -> LabelCounts:
    """Count the labels of the train films, (n, C) of {0, 1, NaN}."""
    return LabelCounts((targets == 1).sum(dim=0).float(), (targets == 0).sum(dim=0).float())
