"""Training of full fine-tuning: the whole image tower and a linear classifier, trained on the study's own films."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import save_file

from core.files import written
from core.models.arrays import FloatArray, IntArray, Progress, UInt8Array, no_progress
from core.models.clip_model import ClipModel
from core.models.device import best_device
from core.settings.fine_tune_checkpoint import Checkpoint
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_run import Run
from core.settings.head import HEAD, LinearHead
from core.settings.tower import VISUAL, check_crops, tuned_visual
from core.settings.training import Epoch, as_tensor, labelled, labels_for_training
from core.study.training_record import TrainingRecord


@dataclass(frozen=True, eq=False)
class FineTuned:
    """The best epoch.

    visual_state : weights of the image tower, fp32, on the CPU.
    minutes : time spent training, over all runs where one was resumed.
    record : how the training went; None where it is not known.
    """

    visual_state: dict[str, torch.Tensor]
    head: LinearHead
    minutes: float
    record: TrainingRecord | None = None

    @property
    def history(self) -> tuple[Epoch, ...]:
        """Give the losses epoch by epoch."""
        return self.head.history

    def visual(self, model: ClipModel) -> torch.nn.Module:
        """Make a copy of the model's image tower with the fine-tuned weights, in evaluation mode."""
        return tuned_visual(model.visual, self.visual_state)

    def save(self, folder: Path, precision: Literal["fp32", "fp16"] = "fp32") -> Path:
        """Write head.safetensors and visual.safetensors; fp16 halves the tower's file."""
        self.head.save(folder / HEAD)
        dtype = torch.float16 if precision == "fp16" else torch.float32
        state = {k: (v.to(dtype) if v.is_floating_point() else v).contiguous() for k, v in self.visual_state.items()}
        with written(folder / VISUAL) as scratch:
            save_file(state, scratch, metadata={"format": "pt"})
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
    checkpoint : a scratch folder; a run that was interrupted goes on after its last whole epoch and ends with the same
        weights as one that was not. key names the films (dataset, version, seed); what another key, model or options
        left there is thrown away.
    Raises StudyError where no training label was read or the films have another size than the model takes.
    """
    options = options or FineTuneOptions()
    targets = as_tensor(labels_for_training(labels, train_rows, len(films)))
    check_crops(films, model.transform)
    run = Run.start(model, films, targets, options, device or best_device(), progress)
    saved = None if checkpoint is None else Checkpoint(checkpoint, run.plan(model, key, train_rows, val_rows))
    if saved is not None:
        run.restore(saved.load())
    while run.epoch < options.max_epochs and not run.stopping.is_over:
        run.train_epoch(train_rows, val_rows)
        if saved is not None:
            saved.save(run.state())
    return FineTuned(run.best_visual(), run.best_head(), run.minutes, run.record(labelled(labels, train_rows)))
