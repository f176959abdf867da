"""LoRA: low-rank weights beside the image tower's attention, trained with a linear classifier. Loads no torch."""

from __future__ import annotations

from typing import Final

from core.settings.base import Encoder, Style
from core.settings.fine_tuning import fine_tuning
from core.settings.lora_options import LoraOptions

SETTING: Final = fine_tuning(
    "lora",
    "LoRA",
    Style("#9090b4", "12px,2px,4px,2px", "hourglass"),
    "Low-rank weights beside the image tower's attention trained with a linear classifier, and added to it.",
    LoraOptions(),
    Encoder(
        "low_rank",
        "Low-rank adapted",
        "The image tower with low-rank weights added to its attention; its text tower is not trained with it",
        is_trained=True,
    ),
)
