"""What fine-tuning is done with. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.settings.training_options import TrainingOptions

if TYPE_CHECKING:
    from core.models.device import Precision


@dataclass(frozen=True)
class FineTuneOptions(TrainingOptions):
    """Defaults are those of arXiv 2506.14136: AdamW, cosine, unweighted BCE, best epoch by validation loss.

    precision : None computes in bf16 on a GPU; on a CPU where that is measured to be faster with gradients alike, and
        in fp32 otherwise, as a small tower always is.
    checkpointing : whether activations are computed twice instead of kept; None does so where memory is short. It
        changes no result.
    """

    precision: Precision | None = None
    checkpointing: bool | None = None
