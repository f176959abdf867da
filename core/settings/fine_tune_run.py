"""One fine-tuning under way: its weights, its optimiser and its record, epoch by epoch."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch

from core.models.arrays import IntArray, Progress, UInt8Array
from core.models.clip_model import ClipModel
from core.models.device import Precision, autocast, is_out_of_memory
from core.models.preprocess import FilmTransform
from core.settings.fine_tune_checkpoint import TrainingState, under
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.head import LinearHead
from core.settings.memory import checkpoint_activations, fits
from core.settings.training import (
    EarlyStopping,
    Epoch,
    MeanLoss,
    batches,
    cosine_rate,
    gradient_norm,
    masked_bce,
    set_rate,
    training_record,
    xavier_head,
)
from core.study.training_record import TrainingRecord


@dataclass(eq=False)
class Run:
    """A fine-tuning under way."""

    visual: torch.nn.Module
    head: torch.nn.Linear
    optimizer: torch.optim.AdamW
    transform: FilmTransform
    films: UInt8Array
    targets: torch.Tensor
    options: FineTuneOptions
    device: torch.device
    precision: Precision
    progress: Progress
    stopping: EarlyStopping
    history: list[Epoch]
    best: dict[str, torch.Tensor]
    minutes: float = 0.0
    is_checkpointing: bool = False
    norms: MeanLoss = field(default_factory=MeanLoss)
    """Of the gradients of the batches of an epoch."""

    @classmethod
    def start(
        cls,
        model: ClipModel,
        films: UInt8Array,
        targets: torch.Tensor,
        options: FineTuneOptions,
        device: str,
        progress: Progress,
    ) -> Run:
        """Start a run before its first epoch, on a copy of the model's image tower."""
        visual = copy.deepcopy(model.visual).to(device).requires_grad_(True)
        head = xavier_head(targets.shape[1], model.n_dimensions, options.seed).to(device)
        parameters = [*visual.parameters(), *head.parameters()]
        optimizer = torch.optim.AdamW(parameters, options.learning_rate, weight_decay=options.weight_decay)
        precision = options.precision or ("bf16" if torch.device(device).type == "cuda" else "fp32")
        stopping = EarlyStopping(options.patience, options.min_delta)
        run = cls(
            visual, head, optimizer, model.transform, films, targets.to(device), options, torch.device(device),
            precision, progress, stopping, [], {},
        )  # fmt: skip
        run.best = run.weights()
        run._fit_into_memory()
        return run

    def _fit_into_memory(self) -> None:
        """Switch checkpointing on where it is asked for, or where one film shows that a batch would not fit."""
        wanted = self.options.checkpointing
        if wanted is None:
            pixels = self.transform.normalise(self.films[:1], self.device)
            wanted = not fits(self.visual, pixels, self.options.batch_size)
        self.is_checkpointing = wanted and checkpoint_activations(self.visual)

    @property
    def epoch(self) -> int:
        """Count the whole epochs so far."""
        return len(self.history)

    def plan(self, model: ClipModel, key: str, train_rows: IntArray, val_rows: IntArray) -> dict[str, Any]:
        """Give what must be the same for a checkpoint to be this run's."""
        return {
            "key": key,
            "model": model.sha256,
            "settings": asdict(self.options),
            "precision": self.precision,
            "train_rows": np.asarray(train_rows).tolist(),
            "val_rows": np.asarray(val_rows).tolist(),
            "n_films": len(self.films),
            "n_classes": int(self.targets.shape[1]),
        }

    def train_epoch(self, train_rows: IntArray, val_rows: IntArray) -> None:
        """Make one pass over the training films, and the loss on the validation films."""
        started = time.monotonic()
        epoch = self.epoch
        rate = cosine_rate(self.options.learning_rate, epoch, self.options.max_epochs)
        set_rate(self.optimizer, rate)
        _train_without_dropout(self.visual)
        mean, self.norms = MeanLoss(), MeanLoss()
        done, total = epoch * len(train_rows), self.options.max_epochs * len(train_rows)
        for batch in batches(train_rows, self.options.batch_size, seed=self.options.seed, epoch=epoch):
            mean = self.step(batch, mean)
            done += len(batch)
            self.progress(done, total, f"films in epoch {epoch + 1}")
        val_loss = self.loss_of(val_rows)
        self.history.append(Epoch(mean.value or 0.0, val_loss, rate, self.norms.value))
        if self.stopping.improves(epoch, val_loss):
            self.best = self.weights()
        self.minutes += (time.monotonic() - started) / 60

    def step(self, batch: IntArray, mean: MeanLoss) -> MeanLoss:
        """Make one update of all weights; again with checkpointing where memory ran out before the update."""
        self.optimizer.zero_grad(set_to_none=True)
        try:
            loss, n_labels = masked_bce(self._logits(batch), self.targets[batch])
            loss.backward()
        except RuntimeError as error:
            if self.is_checkpointing or not is_out_of_memory(error) or not checkpoint_activations(self.visual):
                raise
            self.is_checkpointing = True
            torch.cuda.empty_cache()
            return self.step(batch, mean)
        self.norms = self.norms.plus(gradient_norm(self._parameters), 1)
        self.optimizer.step()
        return mean.plus(loss, n_labels)

    @property
    def _parameters(self) -> list[torch.Tensor]:
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]

    def record(self, n_films: int) -> TrainingRecord:
        """Say how the training went; n_films : that it learnt from."""
        n_parameters = sum(parameter.numel() for parameter in self._parameters)
        seed, most = self.options.seed, self.options.max_epochs
        kept = self.stopping.best_epoch
        return training_record(self.history, kept, most, n_parameters=n_parameters, n_films=n_films, seed=seed)

    def _logits(self, batch: IntArray) -> torch.Tensor:
        pixels = self.transform.normalise(self.films[batch], self.device)
        with autocast(self.device, self.precision):
            embeddings = self.visual(pixels)
        logits: torch.Tensor = self.head(embeddings.float())
        return logits

    def loss_of(self, rows: IntArray) -> float | None:
        """Compute the mean loss over films that are not trained on; None where no label of them was read."""
        self.visual.eval()
        mean = MeanLoss()
        with torch.inference_mode():
            for start in range(0, len(rows), 64):
                batch = rows[start : start + 64]
                mean = mean.plus(*masked_bce(self._logits(batch), self.targets[batch]))
        return mean.value

    def weights(self) -> dict[str, torch.Tensor]:
        """Copy all weights on the CPU, by `visual.` and `head.` names."""
        modules = {"visual": self.visual, "head": self.head}
        return {
            f"{name}.{key}": value.detach().to("cpu", copy=True)
            for name, module in modules.items()
            for key, value in module.state_dict().items()
        }

    def state(self) -> TrainingState:
        """Give everything that the next epoch depends on."""
        return TrainingState(
            self.weights(),
            self.best,
            _optimizer_state(self.optimizer),
            tuple(self.history),
            self.stopping,
            self.minutes,
        )

    def restore(self, state: TrainingState | None) -> None:
        """Go on from a state; from the beginning where there is none."""
        if state is None:
            return
        self.visual.load_state_dict(under(state.weights, "visual."))
        self.head.load_state_dict(under(state.weights, "head."))
        _restore_optimizer(self.optimizer, state.optimizer)
        self.best, self.history = state.best, list(state.history)
        self.stopping, self.minutes = state.stopping, state.minutes

    def best_visual(self) -> dict[str, torch.Tensor]:
        """Give the image tower's weights of the best epoch."""
        return under(self.best, "visual.")

    def best_head(self) -> LinearHead:
        """Give the classifier of the best epoch, with the record of all epochs."""
        weight, bias = (self.best[f"head.{name}"].numpy() for name in ("weight", "bias"))
        return LinearHead(weight, bias, tuple(self.history), self.stopping.best_epoch)


def _train_without_dropout(visual: torch.nn.Module) -> None:
    visual.train()
    for module in visual.modules():
        if "drop" in type(module).__name__.lower():  # torch's Dropout, timm's DropPath and PatchDropout
            module.eval()


def _optimizer_state(optimizer: torch.optim.AdamW) -> dict[str, torch.Tensor]:
    state = optimizer.state_dict()["state"]
    return {
        f"{index}.{name}": value.to("cpu", copy=True) for index, part in state.items() for name, value in part.items()
    }


def _restore_optimizer(optimizer: torch.optim.AdamW, flat: Mapping[str, torch.Tensor]) -> None:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in flat.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
