"""Full fine-tuning: the whole image tower and a linear classifier, trained on the study's own films. Loads no torch."""

from __future__ import annotations

from typing import Final

from core.settings.base import Encoder, Style
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tuning import fine_tuning

SETTING: Final = fine_tuning(
    "fine_tune",
    "Fine-tuning",
    Style("#8b6fd8", "solid", "diamond"),
    "The whole image tower trained with a linear classifier.",
    FineTuneOptions(),
    Encoder(
        "fine_tuned",
        "Fine-tuned",
        "The image tower after fine-tuning; its text tower is not trained with it",
        is_trained=True,
    ),
    is_usual=True,
)
