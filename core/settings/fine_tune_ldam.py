"""Fine-tuning with margins by rarity and weights that begin late (arXiv 1906.07413). Loads no torch."""

from __future__ import annotations

from typing import Final

from core.settings.base import Encoder, Style
from core.settings.fine_tuning import fine_tuning
from core.settings.losses.ldam import LdamOptions

SETTING: Final = fine_tuning(
    "fine_tune_ldam",
    "Fine-tuning, margins",
    Style("#1278fc", "8px,2px,2px,2px", "pentagon"),
    "Full fine-tuning with a margin that is wider for rarer labels, which are weighed in the last epochs (LDAM-DRW).",
    LdamOptions(),
    Encoder(
        "fine_tuned_ldam",
        "Fine-tuned, margins",
        "The image tower after fine-tuning with margins by how rare a label is; its text tower is not trained with it",
        is_trained=True,
    ),
    notes=("a class without a positive or without a negative train film has neither margin nor weights.",),
)
