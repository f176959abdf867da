"""Full fine-tuning: the whole image tower and a linear classifier, trained on the study's own films. Loads no torch."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from core.files import sha256_of
from core.models.arrays import no_progress
from core.settings.base import Encoder, Setting, Style
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.rates import RATE_SCALE, scaled_rate
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult

_NAME: Final = "fine_tune"
_SECONDS: Final = 25.0
"""After which no more steps are measured."""

ENCODER: Final = Encoder(
    "fine_tuned",
    "Fine-tuned",
    "The image tower after fine-tuning; its text tower is not trained with it",
    is_trained=True,
)


def _build(step: BuildStep, options: FineTuneOptions) -> StepResult:
    from core.settings.fine_tune_training import fine_tune
    from core.settings.head import HEAD
    from core.settings.tower import VISUAL

    tuned = fine_tune(
        step.model,
        step.crops,
        step.labels,
        step.train,
        step.val,
        options,
        device=str(step.model.device),
        progress=step.progress,
        checkpoint=step.folder,
        key=step.key,
    )
    weights = tuned.save(step.folder / "tuned") / VISUAL
    with step.timed("encode films, fine-tuned"):
        embeddings = step.encode(tuned.visual(step.model), sha256_of(weights))
    files: dict[str, bytes | Path] = {HEAD: tuned.head.to_bytes(), VISUAL: weights}
    return StepResult(tuned.head.logits(embeddings), files, tuned.minutes, embeddings, tuned.record)


def _estimate(measured: MeasuredModel, options: FineTuneOptions) -> PartTime:
    """Training steps and the loss alone, on a copy of the tower that is thrown away; then all films are encoded."""
    from core.settings.fine_tune_run import Run
    from core.settings.training import MeanLoss, as_tensor

    model, crops, epochs = measured.model, measured.crops, options.max_epochs
    targets = as_tensor(np.zeros((len(crops), measured.n_classes), np.float32))
    run = Run.start(model, crops, targets, options, str(model.device), no_progress)
    rows = np.arange(len(crops))
    step = measured.seconds(lambda: run.step(rows, MeanLoss()), _SECONDS) / len(crops)
    check = measured.seconds(lambda: run.loss_of(rows), _SECONDS) / len(crops)
    seconds = epochs * (measured.n_train * step + measured.n_val * check) + measured.n_films * measured.encode
    return PartTime("fine-tuning", seconds, f"{1 / step:.1f} films per second, {epochs} epochs at most", _NAME)


def _with_arguments(options: FineTuneOptions, args: argparse.Namespace) -> FineTuneOptions:
    return replace(options, learning_rate=scaled_rate(options.learning_rate, args))


SETTING: Final = Setting(
    name=_NAME,
    title="Fine-tuning",
    style=Style("#8b6fd8", "solid", "diamond"),
    description="The whole image tower trained with a linear classifier.",
    score_kind="logit",
    options=FineTuneOptions(),
    build=_build,
    encoder=ENCODER,
    stops_on_val=True,
    estimate=_estimate,
    arguments=(RATE_SCALE,),
    with_arguments=_with_arguments,
)
