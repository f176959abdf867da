"""What prompt learning is done with. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings.training_options import TrainingOptions


@dataclass(frozen=True)
class PromptLearningOptions(TrainingOptions):
    """present, absent : words before the name of a class with which its learnt vectors begin, one vector a token.

    consistency : weight of how far learnt prompts are from the study's own; 0 lets them go anywhere.
    batch_size : is large, as every step encodes the prompts of all classes, whatever its films.
    """

    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    batch_size: int = 128
    max_epochs: int = 20
    present: str = "chest x-ray with"
    absent: str = "chest x-ray without"
    consistency: float = 1.0


"""The words are the zero-shot templates' own."""
