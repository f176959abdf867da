"""Fine-tuning with the asymmetric loss (arXiv 2009.14119). Loads no torch."""

from __future__ import annotations

from typing import Final

from core.settings.base import Encoder, Style
from core.settings.fine_tuning import fine_tuning
from core.settings.losses.asymmetric import AsymmetricOptions

SETTING: Final = fine_tuning(
    "fine_tune_asymmetric",
    "Fine-tuning, asymmetric loss",
    Style("#665aa2", "1px,4px", "hexagon"),
    "Full fine-tuning with an asymmetric loss: absent findings that are easy count less, or nothing.",
    AsymmetricOptions(),
    Encoder(
        "fine_tuned_asymmetric",
        "Fine-tuned, asymmetric loss",
        "The image tower after fine-tuning with the asymmetric loss; its text tower is not trained with it",
        is_trained=True,
    ),
)
