"""An image tower that is trained with a linear classifier on top: all of it, or a few weights that are added to it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.models.arrays import IntArray, UInt8Array
from core.models.clip_model import ClipModel
from core.models.device import Precision, autocast
from core.models.preprocess import FilmTransform
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.lora_options import LoraOptions
from core.settings.lora_tower import LORA, low_rank_weights, merged, with_lora
from core.settings.memory import checkpoint_activations, fits
from core.settings.training import xavier_head


@dataclass(frozen=True)
class Adaptation:
    """How a tower is made ready for training, and what becomes of it.

    prepared : (copy of a frozen tower, options) -> the tower, whose weights that are trained take a gradient.
    finished : (tower that was prepared and trained) -> the tower as the model has it, with other weights.
    added : (tower that was prepared and trained) -> by file, weights by name that are kept beside the tower.
    """

    prepared: Callable[[torch.nn.Module, Any], torch.nn.Module]
    finished: Callable[[torch.nn.Module], torch.nn.Module]
    added: Callable[[torch.nn.Module], Mapping[str, Mapping[str, torch.Tensor]]]


def _whole(visual: torch.nn.Module, options: FineTuneOptions) -> torch.nn.Module:
    return visual.requires_grad_(True)


ADAPTATIONS: tuple[tuple[type[FineTuneOptions], Adaptation], ...] = (
    (LoraOptions, Adaptation(with_lora, merged, lambda tower: {LORA: low_rank_weights(tower)})),
    (FineTuneOptions, Adaptation(_whole, lambda tower: tower, lambda tower: {})),
)
"""By the options that ask for them; all weights are the rest's."""


def adaptation_of(options: FineTuneOptions) -> Adaptation:
    """Give how a tower is trained with these options."""
    return next(adaptation for asked, adaptation in ADAPTATIONS if isinstance(options, asked))


@dataclass(eq=False)
class TowerLearner:
    """A copy of a model's image tower with a linear classifier; see `core.settings.run.Learner`.

    fused : the parts of the tower that compute attention in one operation, timm's.
    """

    visual: torch.nn.Module
    head: torch.nn.Linear
    transform: FilmTransform
    films: UInt8Array
    device: torch.device
    fused: Sequence[torch.nn.Module]
    precision: Precision = "fp32"
    is_checkpointing: bool = False

    @classmethod
    def of(
        cls, model: ClipModel, films: UInt8Array, n_classes: int, options: FineTuneOptions, device: str
    ) -> TowerLearner:
        """Make the learner before its first step; it computes in fp32 until `compute_in`.

        Raises StudyError where the tower cannot be trained as the options ask.
        """
        visual = adaptation_of(options).prepared(copy.deepcopy(model.visual), options).to(device)
        head = xavier_head(n_classes, model.n_dimensions, options.seed).to(device)
        fused = [module for module in visual.modules() if getattr(module, "fused_attn", False)]
        learner = cls(visual, head, model.transform, films, torch.device(device), fused)
        learner._fit_into_memory(options)
        return learner

    def compute_in(self, precision: Precision) -> None:
        """Compute products in another precision from now on; weights, losses and updates stay in fp32.

        torch's fused attention takes longer in bf16 on a CPU than the two products and the softmax that it is made of.
        """
        self.precision = precision
        for module in self.fused:
            module.fused_attn = precision != "bf16" or self.device.type != "cpu"  # type: ignore[assignment]

    def _fit_into_memory(self, options: FineTuneOptions) -> None:
        """Switch checkpointing on where it is asked for, or where one film shows that a batch would not fit."""
        wanted = options.checkpointing
        if wanted is None:
            pixels = self.transform.normalise(self.films[:1], self.device)
            wanted = not fits(self.visual, pixels, options.batch_size)
        self.is_checkpointing = wanted and checkpoint_activations(self.visual)

    @property
    def modules(self) -> Mapping[str, torch.nn.Module]:
        """Give the tower and the classifier."""
        return {"visual": self.visual, "head": self.head}

    def train(self) -> None:
        """Train all but dropout: what a study holds of a tower, it computes without."""
        self.visual.train()
        for module in self.visual.modules():
            if "drop" in type(module).__name__.lower():  # torch's Dropout, timm's DropPath and PatchDropout
                module.eval()

    def eval(self) -> None:
        """Put the tower into evaluation mode."""
        self.visual.eval()

    def logits(self, rows: IntArray) -> torch.Tensor:
        """Compute the logits (n, C) of films."""
        pixels = self.transform.normalise(self.films[rows], self.device)
        with autocast(self.device, self.precision):
            embeddings = self.visual(pixels)
        logits: torch.Tensor = self.head(embeddings.float())
        return logits

    def penalty(self) -> torch.Tensor | None:
        """Add nothing to the loss."""
        return None

    def spare_memory(self) -> bool:
        """Keep few activations from now on; False where the tower cannot, or does already."""
        if self.is_checkpointing or not checkpoint_activations(self.visual):
            return False
        self.is_checkpointing = True
        return True
