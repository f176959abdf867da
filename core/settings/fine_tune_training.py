"""Training of the image tower with a linear classifier on the study's own films, and what comes of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch
from safetensors.torch import save_file

from core.files import written
from core.models.arrays import FloatArray, IntArray, Progress, UInt8Array, no_progress
from core.models.clip_model import ClipModel
from core.models.device import best_device
from core.models.fastest import PrecisionChoice
from core.settings.fine_tune_checkpoint import Checkpoint, under
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_precision import chosen_precision
from core.settings.fine_tune_tower import TowerLearner, adaptation_of
from core.settings.head import HEAD, LinearHead
from core.settings.losses.base import count_labels
from core.settings.losses.registry import objective_of
from core.settings.run import Run
from core.settings.tower import VISUAL, check_crops, tuned_visual
from core.settings.training import Epoch, as_tensor, labelled, labels_for_training
from core.study.training_record import TrainingRecord

_SINGLE: Final = PrecisionChoice("fp32", "fp32: nothing else was asked for.")


@dataclass(frozen=True, eq=False)
class FineTuned:
    """The best epoch.

    visual_state : weights of the image tower, fp32, on the CPU.
    minutes : time spent training, over all runs where one was resumed.
    record : how the training went; None where it is not known.
    precision : what products were computed in, and why.
    added : by file, weights by name that were trained beside the tower's own; they are in `visual_state` already.
    """

    visual_state: dict[str, torch.Tensor]
    head: LinearHead
    minutes: float
    record: TrainingRecord | None = None
    precision: PrecisionChoice = _SINGLE
    added: Mapping[str, Mapping[str, torch.Tensor]] = field(default_factory=dict)

    @property
    def history(self) -> tuple[Epoch, ...]:
        """Give the losses epoch by epoch."""
        return self.head.history

    def visual(self, model: ClipModel) -> torch.nn.Module:
        """Make a copy of the model's image tower with the fine-tuned weights, in evaluation mode."""
        return tuned_visual(model.visual, self.visual_state)

    @property
    def files(self) -> tuple[str, ...]:
        """List the names of the files that `save` writes."""
        return (HEAD, VISUAL, *self.added)

    def save(self, folder: Path, precision: Literal["fp32", "fp16"] = "fp32") -> Path:
        """Write head.safetensors, visual.safetensors and what was added; fp16 halves the tower's file."""
        self.head.save(folder / HEAD)
        dtype = torch.float16 if precision == "fp16" else torch.float32
        state = {k: (v.to(dtype) if v.is_floating_point() else v).contiguous() for k, v in self.visual_state.items()}
        for name, weights in {VISUAL: state, **self.added}.items():
            with written(folder / name) as scratch:
                save_file(dict(weights), scratch, metadata={"format": "pt"})
                scratch.chmod(0o644)  # safetensors writes for the owner alone
        return folder


def fine_tune(
    model: ClipModel,
    films: UInt8Array,
    labels: FloatArray,
    train_rows: IntArray,
    val_rows: IntArray,
    options: FineTuneOptions | None = None,
    *,
    device: str | None = None,
    progress: Progress = no_progress,
    checkpoint: Path | None = None,
    key: str = "",
) -> FineTuned:
    """Train a copy of the model's image tower with a linear classifier; the model itself is not changed.

    films : (n, S, S) or (n, S, S, 3), uint8, as `model.transform.crop` gives them; may be memory-mapped.
    labels : (n, C) of {0, 1, NaN}, NaN is left out of the loss.
    train_rows, val_rows : rows of both.
    options : their kind says which loss is made small, and which weights are trained.
    checkpoint : a scratch folder; a run that was interrupted goes on after its last whole epoch and ends with the same
        weights as one that was not. key names the films (dataset, version, seed); what another key, model or options
        left there is thrown away.
    Raises StudyError where no training label was read, the films have another size than the model takes, or the tower
    cannot be trained in this way.
    """
    options = options or FineTuneOptions()
    targets = as_tensor(labels_for_training(labels, train_rows, len(films)))
    check_crops(films, model.transform)
    learner = TowerLearner.of(model, films, targets.shape[1], options, device or best_device())
    plan = _plan(model, key, options, targets, train_rows, val_rows)
    choice = chosen_precision(learner, options.precision, checkpoint, plan)
    learner.compute_in(choice.precision)
    saved = None if checkpoint is None else Checkpoint(checkpoint, {**plan, "precision": choice.precision})
    run = start_run(learner, targets, train_rows, options, progress)
    run.to_the_end(train_rows, val_rows, saved)
    return _finished(model, run, options, labelled(labels, train_rows), choice)


def start_run(
    learner: TowerLearner, targets: torch.Tensor, train_rows: IntArray, options: FineTuneOptions, progress: Progress
) -> Run:
    """Start the training of a tower, before its first epoch.

    In half precision on a CPU weights are updated in one pass; in fp32 one by one, as they always were, bit by bit.
    """
    objective = objective_of(options, count_labels(targets[train_rows].to(learner.device)))
    fused = learner.precision != "fp32" and learner.device.type == "cpu"
    return Run.start(learner, objective, targets.to(learner.device), options, progress, fused=fused)


def _plan(
    model: ClipModel,
    key: str,
    options: FineTuneOptions,
    targets: torch.Tensor,
    train_rows: IntArray,
    val_rows: IntArray,
) -> dict[str, Any]:
    """What must be the same for a checkpoint to be this run's, but the precision."""
    return {
        "key": key,
        "model": model.sha256,
        "settings": {"kind": type(options).__name__, **asdict(options)},
        "train_rows": np.asarray(train_rows).tolist(),
        "val_rows": np.asarray(val_rows).tolist(),
        "n_films": len(targets),
        "n_classes": int(targets.shape[1]),
    }


def _finished(model: ClipModel, run: Run, options: FineTuneOptions, n_films: int, choice: PrecisionChoice) -> FineTuned:
    """The tower and the classifier of the best epoch, with the record of all epochs."""
    adaptation = adaptation_of(options)
    tower = adaptation.prepared(copy.deepcopy(model.visual).cpu(), options)
    tower.load_state_dict(under(run.best, "visual."), strict=False)
    added = adaptation.added(tower)
    state = {name: value.detach() for name, value in adaptation.finished(tower).state_dict().items()}
    weight, bias = (run.best[f"head.{name}"].numpy() for name in ("weight", "bias"))
    head = LinearHead(weight, bias, tuple(run.history), run.stopping.best_epoch)
    return FineTuned(state, head, run.minutes, run.record(n_films), choice, added)
