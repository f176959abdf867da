"""What the settings have in common that train the image tower with a linear classifier. Loads no torch."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from core.errors import StudyError
from core.files import sha256_of
from core.models.arrays import no_progress
from core.settings.base import Argument, Encoder, Setting, Style
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.rates import RATE_SCALE, scaled_rate
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult

_SECONDS: Final = 25.0
"""After which no more steps are measured."""

_PRECISIONS: Final = {"auto": None, "fp32": "fp32", "bf16": "bf16"}

PRECISION: Final = "precision.json"
"""Its file below the folder of its setting: what a tower was trained in, and what was measured before."""

TRAIN_PRECISION: Final = Argument(
    "--train-precision",
    str,
    "auto",
    "of training image towers: auto, fp32 or bf16; auto takes bf16 on a GPU, and for a large tower where it is faster",
)

Options = TypeVar("Options", bound=FineTuneOptions)


def fine_tuning(
    name: str,
    title: str,
    style: Style,
    description: str,
    options: Options,
    encoder: Encoder,
    *,
    notes: tuple[str, ...] = (),
    is_usual: bool = False,
) -> Setting[Options]:
    """Make a setting that trains the image tower as its options say: which weights, and what loss.

    encoder : the tower that comes of it.
    """
    return Setting(
        name=name,
        title=title,
        style=style,
        description=description,
        score_kind="logit",
        options=options,
        build=partial(_build, encoder),
        encoder=encoder,
        is_usual=is_usual,
        stops_on_val=True,
        estimate=partial(_estimate, name, title),
        arguments=(RATE_SCALE, TRAIN_PRECISION),
        with_arguments=_with_arguments,
        notes=notes,
    )


def _build(encoder: Encoder, step: BuildStep, options: FineTuneOptions) -> StepResult:
    from core.settings.fine_tune_training import fine_tune
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
    folder = tuned.save(step.folder / "tuned")
    files: dict[str, bytes | Path] = {name: folder / name for name in tuned.files}
    files[PRECISION] = (json.dumps(asdict(tuned.precision), indent=2) + "\n").encode()
    with step.timed(f"encode films, {encoder.title.lower()}"):
        embeddings = step.encode(tuned.visual(step.model), sha256_of(folder / VISUAL))
    return StepResult(tuned.head.logits(embeddings), files, tuned.minutes, embeddings, tuned.record)


def _estimate(name: str, title: str, measured: MeasuredModel, options: FineTuneOptions) -> PartTime:
    """Training steps and the loss alone; then all films are encoded. A loss costs nothing beside the tower."""
    from core.settings.fine_tune_tower import adaptation_of

    epochs, kind = options.max_epochs, (adaptation_of(options), options.precision)
    step, check = measured.once(kind, lambda: _speeds(measured, options))
    seconds = epochs * (measured.n_train * step + measured.n_val * check) + measured.n_films * measured.encode
    return PartTime(title.lower(), seconds, f"{1 / step:.1f} films per second, {epochs} epochs at most", name)


def _speeds(measured: MeasuredModel, options: FineTuneOptions) -> tuple[float, float]:
    """Seconds a film of a training step, and of its loss alone, on a copy of the tower that is thrown away."""
    from core.settings.fine_tune_precision import chosen_precision
    from core.settings.fine_tune_tower import TowerLearner
    from core.settings.fine_tune_training import start_run
    from core.settings.training import MeanLoss, as_tensor

    model, crops = measured.model, measured.crops
    targets, rows = as_tensor(np.zeros((len(crops), measured.n_classes), np.float32)), np.arange(len(crops))
    learner = TowerLearner.of(model, crops, measured.n_classes, options, str(model.device))
    learner.compute_in(chosen_precision(learner, options.precision, None, {}).precision)
    run = start_run(learner, targets, rows, options, no_progress)
    learner.train()
    step = measured.seconds(lambda: run.step(rows, MeanLoss()), _SECONDS)
    return step / len(crops), measured.seconds(lambda: run.loss_of(rows), _SECONDS) / len(crops)


def _with_arguments(options: Options, args: argparse.Namespace) -> Options:
    asked = args.train_precision
    if asked not in _PRECISIONS:
        raise StudyError(f"--train-precision is {asked!r}.", remedy=f"Give one of {', '.join(_PRECISIONS)}.")
    rate = scaled_rate(options.learning_rate, args)
    return replace(options, learning_rate=rate, precision=_PRECISIONS[asked])
