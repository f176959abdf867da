"""Fine-tuning with a class-balanced loss (arXiv 1901.05555). Loads no torch."""

from __future__ import annotations

from typing import Final

from core.settings.base import Encoder, Style
from core.settings.fine_tuning import fine_tuning
from core.settings.losses.class_balanced import ClassBalancedOptions

SETTING: Final = fine_tuning(
    "fine_tune_class_balanced",
    "Fine-tuning, class-balanced",
    Style("#609c72", "5px,2px,1px,2px", "triangle-down"),
    "Full fine-tuning with a class-balanced loss: labels weigh as the inverse of their effective number.",
    ClassBalancedOptions(),
    Encoder(
        "fine_tuned_class_balanced",
        "Fine-tuned, class-balanced",
        "The image tower after fine-tuning with weighed labels; its text tower is not trained with it",
        is_trained=True,
    ),
    notes=("the labels of a class without a positive or without a negative train film are not weighed.",),
)
