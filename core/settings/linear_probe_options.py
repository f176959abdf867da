"""What the linear probe is trained with. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings.epoch_options import EpochOptions


@dataclass(frozen=True)
class LinearProbeOptions(EpochOptions):
    """Defaults are those of arXiv 2506.14136: AdamW, cosine, unweighted BCE, best epoch by validation loss."""
