"""What low-rank adaptation of the image tower is done with. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings.fine_tune_options import FineTuneOptions


@dataclass(frozen=True)
class LoraOptions(FineTuneOptions):
    """Weights W of attention become W + (alpha / rank) B A, and only A (rank, in) and B (out, rank) are trained.

    learning_rate : ten times that of training every weight, as few are and they begin at 0.
    """

    learning_rate: float = 1e-4
    rank: int = 8
    alpha: float = 16.0
