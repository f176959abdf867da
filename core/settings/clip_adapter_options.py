"""What CLIP-Adapter is trained with. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings.epoch_options import EpochOptions


@dataclass(frozen=True)
class ClipAdapterOptions(EpochOptions):
    """ratio : share of the adapted embedding in the sum. reduction : how many times narrower its middle is.

    Ratio and reduction are those of arXiv 2110.04544; the optimiser is the linear probe's, with a higher rate.
    """

    ratio: float = 0.2
    reduction: int = 4
    learning_rate: float = 1e-3
    batch_size: int = 64
    max_epochs: int = 100
    patience: int = 10
    min_delta: float = 1e-5
