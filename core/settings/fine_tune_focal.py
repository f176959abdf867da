"""Fine-tuning with the focal loss (arXiv 1708.02002). Loads no torch."""

from __future__ import annotations

from typing import Final

from core.settings.base import Encoder, Style
from core.settings.fine_tuning import fine_tuning
from core.settings.losses.focal import FocalOptions

SETTING: Final = fine_tuning(
    "fine_tune_focal",
    "Fine-tuning, focal loss",
    Style("#8a36d2", "10px,2px", "star-square"),
    "Full fine-tuning with a focal loss: labels that are decided well already count less.",
    FocalOptions(),
    Encoder(
        "fine_tuned_focal",
        "Fine-tuned, focal loss",
        "The image tower after fine-tuning with the focal loss; its text tower is not trained with it",
        is_trained=True,
    ),
)
