"""Fine-tuning with adjusted logits (arXiv 2007.07314). Loads no torch."""

from __future__ import annotations

from typing import Final

from core.settings.base import Encoder, Style
from core.settings.fine_tuning import fine_tuning
from core.settings.losses.logit_adjusted import LogitAdjustedOptions

SETTING: Final = fine_tuning(
    "fine_tune_logit_adjusted",
    "Fine-tuning, logit-adjusted",
    Style("#546c3c", "2px,2px", "bowtie"),
    "Full fine-tuning of logits to which the log-odds of their class are added.",
    LogitAdjustedOptions(),
    Encoder(
        "fine_tuned_logit_adjusted",
        "Fine-tuned, logit-adjusted",
        "The image tower after fine-tuning with adjusted logits; its text tower is not trained with it",
        is_trained=True,
    ),
    notes=("the logits of a class without a positive or without a negative train film are not adjusted.",),
)
