"""Contrastive training of a CLIP model on films and captions, from random weights, resumable by epoch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from core.models.arrays import IntArray, Progress, UInt8Array
from core.settings.fine_tune_checkpoint import Checkpoint, TrainingState
from core.settings.training import EarlyStopping, Epoch, MeanLoss, batches, set_rate

Captioner = Callable[[IntArray, int], torch.Tensor]
"""captioner(rows, epoch): token ids (n, L) of one caption per film; other epochs may word them otherwise."""


@dataclass(frozen=True)
class ContrastiveOptions:
    """AdamW with a linear warm-up over `warm_up` of the steps and a half cosine after it.

    coarse_epochs : the first epochs see films at half their resolution, four times as fast.
    shift, zoom, tone : bounds of random shifts (of half a film), scaling and exposure changes of the training films.
    """

    epochs: int = 15
    coarse_epochs: int = 10
    batch_size: int = 128
    learning_rate: float = 6e-4
    weight_decay: float = 0.05
    warm_up: float = 0.06
    seed: int = 42
    shift: float = 0.06
    zoom: float = 0.06
    tone: float = 0.1
    largest_scale: float = 100.0


def contrastive_loss(images: torch.Tensor, texts: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Symmetric InfoNCE over a batch; (n, d) embeddings, row k of one belongs to row k of the other.

    Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021.
    """
    logits = scale * functional.normalize(images, dim=-1) @ functional.normalize(texts, dim=-1).T
    own = torch.arange(len(logits))
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2


def centred(embeddings: torch.Tensor) -> torch.Tensor:
    """Embeddings (n, d) without their mean over the batch.

    Films of one kind begin with nearly the same embedding, and training then collapses onto it; what they have in
    common tells no two of them apart. `fold_mean` gives the trained model the same centre.
    """
    return embeddings - embeddings.mean(dim=0, keepdim=True)


def fold_mean(bias: torch.Tensor, projection: torch.Tensor, mean: torch.Tensor) -> None:
    """Shift `bias` (k,), which `projection` (d, k) maps to embeddings, so that every embedding loses `mean` (d,).

    Exact where the projection has rank d: the shift is the least one that gives -mean.
    """
    shift = torch.linalg.lstsq(projection.detach().double(), -mean.double()[:, None], driver="gelsd").solution[:, 0]
    with torch.no_grad():
        bias += shift.to(bias.dtype)


def augment(pixels: torch.Tensor, options: ContrastiveOptions, generator: torch.Generator) -> torch.Tensor:
    """Films (n, 1, S, S) in 0..1, each moved, scaled and exposed a little differently. No flips: sides matter."""
    n = len(pixels)
    draw = torch.rand(n, 5, generator=generator) * 2 - 1
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = 1 + options.zoom * draw[:, 0]
    theta[:, :, 2] = draw[:, 1:3] * options.shift
    grid = functional.affine_grid(theta, list(pixels.shape), align_corners=False)
    moved = functional.grid_sample(pixels, grid, mode="bilinear", padding_mode="border", align_corners=False)
    gamma = torch.exp(options.tone * draw[:, 3]).view(n, 1, 1, 1)
    gain = 1 + options.tone / 2 * draw[:, 4].view(n, 1, 1, 1)
    return ((moved.clamp_min(1e-4) ** gamma - 0.5) * gain + 0.5).clamp(0, 1)


@dataclass(eq=False)
class ContrastiveRun:
    """A training under way.

    films : (n, S, S) uint8, already the size that the image tower takes. mean, std : of one (grey) channel, (3,).
    """

    model: Any
    films: UInt8Array
    captioner: Captioner
    mean: torch.Tensor
    std: torch.Tensor
    options: ContrastiveOptions
    progress: Progress
    history: list[Epoch] = field(default_factory=list)
    minutes: float = 0.0

    def __post_init__(self) -> None:
        decay = [p for p in self.model.parameters() if p.ndim > 1]
        plain = [p for p in self.model.parameters() if p.ndim <= 1]
        groups = [{"params": decay, "weight_decay": self.options.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, self.options.learning_rate, betas=(0.9, 0.98))

    def train(self, train_rows: IntArray, val_rows: IntArray, checkpoint: Checkpoint) -> None:
        """All epochs that are left; the state is saved after each."""
        self.restore(checkpoint.load())
        while len(self.history) < self.options.epochs:
            self._epoch(train_rows, val_rows)
            checkpoint.save(self._state())

    def _epoch(self, train_rows: IntArray, val_rows: IntArray) -> None:
        started, epoch = time.monotonic(), len(self.history)
        generator = torch.Generator().manual_seed(self.options.seed * 1000 + epoch)
        torch.manual_seed(self.options.seed * 1000 + epoch)
        n_batches = len(train_rows) // self.options.batch_size
        mean, step, rate = MeanLoss(), epoch * n_batches, 0.0
        self.model.train()
        for rows in batches(train_rows, self.options.batch_size, seed=self.options.seed, epoch=epoch):
            if len(rows) < self.options.batch_size:
                break
            rate = self._rate(step / (n_batches * self.options.epochs))
            set_rate(self.optimizer, rate)
            loss = self._loss(rows, epoch, generator)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            with torch.no_grad():
                self.model.logit_scale.clamp_(0, float(np.log(self.options.largest_scale)))
            mean, step = mean.plus(loss, 1), step + 1
            self.progress(step, n_batches * self.options.epochs, f"steps, loss {mean.value:.3f}")
        self.history.append(Epoch(mean.value or 0.0, self._val_loss(val_rows), rate))
        self.minutes += (time.monotonic() - started) / 60

    def _rate(self, share: float) -> float:
        warm = self.options.warm_up
        if share < warm:
            return self.options.learning_rate * (share / warm + 1e-3)
        return self.options.learning_rate * (1 + float(np.cos(np.pi * (share - warm) / (1 - warm)))) / 2

    def _loss(self, rows: IntArray, epoch: int, generator: torch.Generator | None) -> torch.Tensor:
        pixels = self._pixels(rows, generator)
        texts = self.model.encode_text(self.captioner(np.sort(rows), epoch))
        return contrastive_loss(centred(self.model.visual(pixels)), centred(texts), self.model.logit_scale.exp())

    def _pixels(self, rows: IntArray, generator: torch.Generator | None) -> torch.Tensor:
        pixels = torch.from_numpy(np.array(self.films[np.sort(rows)]))[:, None].float().div_(255)
        if len(self.history) < self.options.coarse_epochs:
            pixels = functional.avg_pool2d(pixels, 2)
        if generator is not None:
            pixels = augment(pixels, self.options, generator)
        return (pixels.expand(-1, 3, -1, -1) - self.mean.view(1, 3, 1, 1)) / self.std.view(1, 3, 1, 1)

    def _val_loss(self, rows: IntArray) -> float | None:
        self.model.eval()
        mean = MeanLoss()
        with torch.inference_mode():
            for start in range(0, len(rows) - self.options.batch_size + 1, self.options.batch_size):
                mean = mean.plus(self._loss(rows[start : start + self.options.batch_size], -1, None), 1)
        return mean.value

    def centre(self, rows: IntArray) -> None:
        """Give the model the centre that the loss used: films `rows` and one caption of each then have mean 0."""
        self.model.eval()
        starts = range(0, len(rows), self.options.batch_size)
        batches_of_rows = [np.sort(rows[start : start + self.options.batch_size]) for start in starts]
        with torch.inference_mode():
            images = torch.cat([self.model.visual(self._pixels(batch, None)) for batch in batches_of_rows])
            texts = torch.cat([self.model.encode_text(self.captioner(batch, -1)) for batch in batches_of_rows])
        visual, text = self.model.visual, self.model.text
        fold_mean(visual.trunk.norm.bias, visual.head.proj.weight, images.mean(dim=0))
        fold_mean(text.transformer.encoder.layer[-1].output.LayerNorm.bias, text.proj.weight, texts.mean(dim=0))

    def _state(self) -> TrainingState:
        weights = {key: value.detach().clone() for key, value in self.model.state_dict().items()}
        flat = {
            f"{index}.{name}": value.clone()
            for index, part in self.optimizer.state_dict()["state"].items()
            for name, value in part.items()
        }
        stopping = EarlyStopping(self.options.epochs, 0.0, best_epoch=len(self.history) - 1)
        return TrainingState(weights, {"epoch": torch.tensor(0)}, flat, tuple(self.history), stopping, self.minutes)

    def restore(self, state: TrainingState | None) -> None:
        """Go on from a saved epoch; from the beginning where there is none."""
        if state is None:
            return
        self.model.load_state_dict(state.weights)
        parts: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in state.optimizer.items():
            index, name = key.split(".", 1)
            parts.setdefault(int(index), {})[name] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": parts, "param_groups": groups})
        self.history, self.minutes = list(state.history), state.minutes
