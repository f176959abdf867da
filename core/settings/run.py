"""One training under way: its weights, its optimiser and its record, epoch by epoch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch

from core.models.arrays import IntArray, Progress
from core.models.device import is_out_of_memory
from core.settings.fine_tune_checkpoint import Checkpoint, TrainingState, under
from core.settings.losses.base import Objective
from core.settings.training import (
    EarlyStopping,
    Epoch,
    MeanLoss,
    batches,
    cosine_rate,
    gradient_norm,
    masked_mean,
    set_rate,
    training_record,
)
from core.settings.training_options import TrainingOptions
from core.study.training_record import TrainingRecord


class Learner(Protocol):
    """What is trained, and how the logits of films come of it."""

    @property
    def modules(self) -> Mapping[str, torch.nn.Module]:
        """Give, by name, what holds the weights; those that take no gradient stay as they are."""
        ...

    def train(self) -> None:
        """Make ready for steps."""
        ...

    def eval(self) -> None:
        """Make ready for films that are not trained on; weights stay as they are until `train`."""
        ...

    def logits(self, rows: IntArray) -> torch.Tensor:
        """Compute the logits (n, C) of films."""
        ...

    def penalty(self) -> torch.Tensor | None:
        """Compute what the loss of the last `logits` has added to it; None is nothing."""
        ...

    def spare_memory(self) -> bool:
        """Compute with less memory from now on; tell whether that can be done, and was not yet."""
        ...


@dataclass(eq=False)
class Run:
    """A training under way.

    targets : (n, C) of {0, 1, NaN}, where the learner computes.
    """

    learner: Learner
    optimizer: torch.optim.AdamW
    objective: Objective
    targets: torch.Tensor
    options: TrainingOptions
    progress: Progress
    stopping: EarlyStopping
    history: list[Epoch]
    best: dict[str, torch.Tensor]
    minutes: float = 0.0
    norms: MeanLoss = field(default_factory=MeanLoss)
    """Of the gradients of the batches of an epoch."""

    @classmethod
    def start(
        cls,
        learner: Learner,
        objective: Objective,
        targets: torch.Tensor,
        options: TrainingOptions,
        progress: Progress,
        *,
        fused: bool = False,
    ) -> Run:
        """Start a run before its first epoch.

        fused : update all weights in one pass, which is faster and rounds otherwise.
        """
        weights = trained_weights(learner.modules)
        decay = options.weight_decay
        optimizer = torch.optim.AdamW(weights, options.learning_rate, weight_decay=decay, fused=fused or None)
        stopping = EarlyStopping(options.patience, options.min_delta)
        run = cls(learner, optimizer, objective, targets, options, progress, stopping, [], {})
        run.best = run.weights()
        return run

    @property
    def epoch(self) -> int:
        """Count the whole epochs so far."""
        return len(self.history)

    def to_the_end(self, train_rows: IntArray, val_rows: IntArray, saved: Checkpoint | None) -> None:
        """Go on from the last whole epoch that was saved, if any was, until training is over."""
        if saved is not None:
            self.restore(saved.load())
        while self.epoch < self.options.max_epochs and not self.stopping.is_over:
            self.train_epoch(train_rows, val_rows)
            if saved is not None:
                saved.save(self.state())

    def train_epoch(self, train_rows: IntArray, val_rows: IntArray) -> None:
        """Make one pass over the training films, and the loss on the validation films."""
        started = time.monotonic()
        epoch = self.epoch
        rate = cosine_rate(self.options.learning_rate, epoch, self.options.max_epochs)
        set_rate(self.optimizer, rate)
        self.learner.train()
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
        """Make one update of all weights; again with less memory where it ran out before the update."""
        self.optimizer.zero_grad(set_to_none=True)
        try:
            loss, n_labels = masked_mean(self.objective.at(self.epoch), self.learner.logits(batch), self.targets[batch])
            penalty = self.learner.penalty()
            whole = loss if penalty is None else loss + penalty
            whole.backward()
        except RuntimeError as error:
            if not is_out_of_memory(error) or not self.learner.spare_memory():
                raise
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

    def loss_of(self, rows: IntArray) -> float | None:
        """Compute the mean loss over films that are not trained on; None where no label of them was read."""
        mean = MeanLoss()
        with torch.inference_mode():
            self.learner.eval()
            for start in range(0, len(rows), 64):
                batch = rows[start : start + 64]
                logits = self.learner.logits(batch)
                mean = mean.plus(*masked_mean(self.objective.elementwise, logits, self.targets[batch]))
        return mean.value

    def weights(self) -> dict[str, torch.Tensor]:
        """Copy what training changes on the CPU, each name with that of its module and a dot before it."""
        return {
            f"{name}.{key}": value.detach().to("cpu", copy=True)
            for name, module in self.learner.modules.items()
            for key, value in _trained_state(module).items()
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
        for name, module in self.learner.modules.items():
            module.load_state_dict(under(state.weights, f"{name}."), strict=False)
        _restore_optimizer(self.optimizer, state.optimizer)
        self.best, self.history = state.best, list(state.history)
        self.stopping, self.minutes = state.stopping, state.minutes


def trained_weights(modules: Mapping[str, torch.nn.Module]) -> list[torch.nn.Parameter]:
    """List the weights that take a gradient, module by module."""
    return [weight for module in modules.values() for weight in module.parameters() if weight.requires_grad]


def _trained_state(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """A module's state without the weights that take no gradient."""
    frozen = {name for name, weight in module.named_parameters() if not weight.requires_grad}
    return {name: value for name, value in module.state_dict().items() if name not in frozen}


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
