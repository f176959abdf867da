"""What the linear probe and fine-tuning share: loss, order of films, early stopping, the record of epochs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.errors import StudyError
from core.models.arrays import Float32Array, FloatArray, IntArray, Progress
from core.settings.epoch_options import EpochOptions
from core.settings.losses.base import Elementwise
from core.settings.losses.plain import cross_entropy
from core.study.training_record import TrainingRecord


@dataclass(frozen=True)
class Epoch:
    """One pass over the training films.

    train_loss, val_loss : mean binary cross-entropy a read label; val_loss is None where there is no validation film.
    gradient_norm : mean Euclidean norm of the batches' gradients; None where nobody recorded it.
    """

    train_loss: float
    val_loss: float | None
    learning_rate: float
    gradient_norm: float | None = None


@dataclass
class EarlyStopping:
    """Keeps the epoch with the lowest validation loss and says when to stop.

    Without validation films no epoch is better than another: the last one is kept and training runs to its end.
    """

    patience: int
    min_delta: float
    best: float = float("inf")
    best_epoch: int = -1
    waited: int = 0

    def improves(self, epoch: int, val_loss: float | None) -> bool:
        """Record an epoch; say whether it is the best so far (by more than min_delta)."""
        if val_loss is None or val_loss < self.best - self.min_delta:
            self.best = self.best if val_loss is None else val_loss
            self.best_epoch, self.waited = epoch, 0
            return True
        self.waited += 1
        return False

    @property
    def is_over(self) -> bool:
        """Tell whether `patience` epochs in a row brought nothing."""
        return self.waited >= self.patience


@dataclass(frozen=True)
class MeanLoss:
    """A running mean over read labels. It is kept where it is computed, so that a GPU is waited for only by `value`."""

    total: torch.Tensor | float = 0.0
    n_labels: torch.Tensor | int = 0

    def plus(self, loss: torch.Tensor, n_labels: torch.Tensor | int) -> MeanLoss:
        """Add one batch more: its mean loss over n_labels read labels."""
        return MeanLoss(self.total + loss.detach().double() * n_labels, self.n_labels + n_labels)

    @property
    def value(self) -> float | None:
        """Give the mean; None where nothing was read."""
        n_labels = int(self.n_labels)
        return float(self.total) / n_labels if n_labels else None


def gradient_norm(parameters: Iterable[torch.Tensor]) -> torch.Tensor:
    """Compute the Euclidean norm of the gradients of some parameters together; 0 where there is none."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    return torch.nn.utils.get_total_norm(gradients)


def training_record(
    history: Sequence[Epoch], best_epoch: int, max_epochs: int, *, n_parameters: int, n_films: int, seed: int
) -> TrainingRecord:
    """Record a training by epochs, which ended with its schedule, or before because of val; the norm is the batches'.

    best_epoch : that was kept; -1 where none was.
    """
    kept = best_epoch if best_epoch >= 0 else None
    return TrainingRecord(
        "val" if len(history) < max_epochs else "schedule",
        n_parameters,
        n_films,
        seed,
        tuple(epoch.train_loss for epoch in history),
        tuple(epoch.val_loss for epoch in history),
        kept,
        None if kept is None else history[kept].gradient_norm,
    )


@dataclass(frozen=True)
class Trained:
    """weights : detached copies, of the best epoch. best_epoch : -1 where none was run."""

    weights: tuple[torch.Tensor, ...]
    history: tuple[Epoch, ...]
    best_epoch: int


def train_epochs(
    loss_of: Callable[[IntArray], tuple[torch.Tensor, torch.Tensor]],
    weights: Sequence[torch.Tensor],
    train_rows: IntArray,
    val_rows: IntArray,
    options: EpochOptions,
    progress: Progress,
) -> Trained:
    """Train weights, in place, and keep those of the epoch with the lowest loss on val; without val_rows, of the last.

    loss_of : of some rows, the mean loss over read labels and how many those are.
    """
    optimizer = torch.optim.AdamW(weights, options.learning_rate, weight_decay=options.weight_decay)
    stopping, history, best = EarlyStopping(options.patience, options.min_delta), list[Epoch](), _copied(weights)
    for epoch in range(options.max_epochs):
        rate = cosine_rate(options.learning_rate, epoch, options.max_epochs)
        set_rate(optimizer, rate)
        mean, norms = MeanLoss(), MeanLoss()
        for batch in batches(train_rows, options.batch_size, seed=options.seed, epoch=epoch):
            loss, n_labels = loss_of(batch)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            norms = norms.plus(gradient_norm(weights), 1)
            optimizer.step()
            mean = mean.plus(loss, n_labels)
        with torch.inference_mode():
            val_loss = MeanLoss().plus(*loss_of(val_rows)).value if len(val_rows) else None
        history.append(Epoch(mean.value or 0.0, val_loss, rate, norms.value))
        progress(epoch + 1, options.max_epochs, "epochs")
        if stopping.improves(epoch, val_loss):
            best = _copied(weights)
        if stopping.is_over:
            break
    return Trained(best, tuple(history), stopping.best_epoch)


def _copied(weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    return tuple(weight.detach().clone() for weight in weights)


def labelled(labels: FloatArray, rows: IntArray) -> int:
    """Count the films among `rows` with a label that somebody read."""
    return int(np.isfinite(np.asarray(labels)[rows]).any(axis=1).sum())


def masked_mean(loss: Elementwise, logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the mean of a loss over read labels, and how many those are (a whole number); NaN is left out.

    Where no label is read the mean is 0 with gradient 0.
    """
    read = ~torch.isnan(labels)
    targets = torch.where(read, labels, torch.zeros_like(labels))
    losses = loss(logits, targets) * read
    n_labels = read.sum()
    return losses.sum() / n_labels.clamp(min=1), n_labels


def masked_bce(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the mean binary cross-entropy over read labels, as `masked_mean`."""
    return masked_mean(cross_entropy, logits, labels)


def xavier_head(n_classes: int, n_dimensions: int, seed: int) -> torch.nn.Linear:
    """Make a linear layer with Xavier-uniform weights and zero biases; torch's global generator is left alone."""
    with torch.random.fork_rng(devices=[]):
        head = torch.nn.Linear(n_dimensions, n_classes)
    torch.nn.init.xavier_uniform_(head.weight, generator=torch.Generator().manual_seed(seed))
    torch.nn.init.zeros_(head.bias)
    return head


def batches(rows: IntArray, size: int, *, seed: int, epoch: int) -> Iterator[IntArray]:
    """Yield the rows in an order that depends on seed and epoch alone, in batches."""
    order = np.random.default_rng([seed, epoch]).permutation(rows)
    for start in range(0, len(order), size):
        yield order[start : start + size]


def cosine_rate(learning_rate: float, epoch: int, max_epochs: int) -> float:
    """Compute the learning rate of an epoch (from 0) on a half cosine from `learning_rate` to 0 over max_epochs."""
    return learning_rate * (1 + float(np.cos(np.pi * epoch / max_epochs))) / 2


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def labels_for_training(labels: FloatArray, rows: IntArray, n_films: int) -> Float32Array:
    """Give the labels as float32 (n, C). StudyError where they do not fit the films or the training rows have none."""
    if len(labels) != n_films:
        raise StudyError(
            f"There are {n_films:,} films but {len(labels):,} rows of labels.",
            remedy="Give one row of labels per film.",
        )
    if len(rows) == 0 or not np.isfinite(np.asarray(labels)[rows]).any():
        raise StudyError(
            "There is no training film with a label that somebody read.",
            remedy="Give a split with training films, or use the zero-shot setting, which needs none.",
        )
    return np.asarray(labels, np.float32)


def as_tensor(array: Any) -> torch.Tensor:
    """Copy an array as a torch tensor (memory-mapped arrays are read-only)."""
    return torch.from_numpy(np.array(array))
