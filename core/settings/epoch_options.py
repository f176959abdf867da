"""What a training by epochs on embeddings is told. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings.base import SettingOptions


@dataclass(frozen=True)
class EpochOptions(SettingOptions):
    """AdamW with a half cosine, batches of films, early stopping on val; the defaults are those of arXiv 2506.14136."""

    learning_rate: float = 1e-4
    weight_decay: float = 1e-2
    batch_size: int = 24
    max_epochs: int = 10
    patience: int = 5
    min_delta: float = 1e-4
    seed: int = 42
