"""What everything that is trained by epochs is trained with. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings.base import SettingOptions


@dataclass(frozen=True)
class TrainingOptions(SettingOptions):
    """AdamW, the rate on a half cosine, the best epoch by validation loss.

    patience : epochs in a row that may bring nothing.
    min_delta : by how much the loss must fall.
    """

    learning_rate: float = 1e-5
    weight_decay: float = 1e-2
    batch_size: int = 24
    max_epochs: int = 10
    patience: int = 5
    min_delta: float = 1e-4
    seed: int = 42
