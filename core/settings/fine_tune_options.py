"""What fine-tuning is done with. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.settings.base import SettingOptions

if TYPE_CHECKING:
    from core.models.device import Precision


@dataclass(frozen=True)
class FineTuneOptions(SettingOptions):
    """Defaults are those of arXiv 2506.14136: AdamW, cosine, unweighted BCE, best epoch by validation loss.

    precision : None computes in bf16 on a GPU and in fp32 on a CPU.
    checkpointing : whether activations are computed twice instead of kept; None does so where memory is short. It
        changes no result.
    """

    learning_rate: float = 1e-5
    weight_decay: float = 1e-2
    batch_size: int = 24
    max_epochs: int = 10
    patience: int = 5
    min_delta: float = 1e-4
    seed: int = 42
    precision: Precision | None = None
    checkpointing: bool | None = None
