"""The linear probe: a linear classifier on the embeddings of the frozen image tower. Loads no torch."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from core.settings.base import Setting, Style
from core.settings.linear_probe_options import LinearProbeOptions
from core.settings.rates import RATE_SCALE, scaled_rate
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult
from core.study import layout
from core.study.training_record import TrainingRecord

if TYPE_CHECKING:
    from core.study.read import Study

_NAME: Final = "linear_probe"


def _build(step: BuildStep, options: LinearProbeOptions) -> StepResult:
    from core.settings.head import HEAD
    from core.settings.linear_probe_training import fit_linear_probe, probe_record

    with step.timed(_NAME):
        head = fit_linear_probe(step.embeddings, step.labels, step.train, step.val, options, step.progress)
    record = probe_record(head, step.embeddings, step.labels, step.train, options)
    files = {HEAD: head.to_bytes()}
    return StepResult(head.logits(step.embeddings), files, step.minutes(_NAME), training=record)


def _recall(study: Study) -> TrainingRecord | None:
    """From the history that is kept with the classifier, and its gradient now."""
    from core.settings.head import HEAD, load_head
    from core.settings.linear_probe_training import probe_record

    entry, part = study.manifest.settings[_NAME], layout.setting_part(_NAME, HEAD)
    has_all = entry.encoder is not None and study.has(layout.image_embeddings_part(entry.encoder)) and study.has(part)
    if not has_all or entry.encoder is None:
        return None
    head, embeddings = load_head(study.path(part)), np.asarray(study.image_embeddings(entry.encoder))
    names = [option.name for option in fields(LinearProbeOptions)]
    given = {name: entry.hyperparameters[name] for name in names if name in entry.hyperparameters}
    options = LinearProbeOptions(**given)
    return probe_record(head, embeddings, study.labels, study.rows("train"), options) if head.history else None


def _estimate(measured: MeasuredModel, options: LinearProbeOptions) -> PartTime:
    """One epoch on made-up embeddings of the right size, times the epochs."""
    from core.settings.linear_probe_training import fit_linear_probe

    embeddings = np.zeros((measured.n_train, measured.model.n_dimensions), np.float32)
    labels, rows = np.zeros((measured.n_train, measured.n_classes)), np.arange(measured.n_train)
    one = replace(options, max_epochs=1)
    seconds = measured.seconds(lambda: fit_linear_probe(embeddings, labels, rows, rows[:0], one), 5.0)
    epochs = options.max_epochs
    return PartTime("linear probe", seconds * epochs, f"{seconds:.2f} s per epoch, {epochs} epochs at most", _NAME)


def _with_arguments(options: LinearProbeOptions, args: argparse.Namespace) -> LinearProbeOptions:
    return replace(options, learning_rate=scaled_rate(options.learning_rate, args))


SETTING: Final = Setting(
    name=_NAME,
    title="Linear probe",
    style=Style("#189a8a", "dash", "square"),
    description="A linear classifier on the frozen image embeddings; minutes are its training, without encoding films.",
    score_kind="logit",
    options=LinearProbeOptions(),
    build=_build,
    is_usual=True,
    stops_on_val=True,
    estimate=_estimate,
    converged="linear_probe_converged",
    recall=_recall,
    arguments=(RATE_SCALE,),
    with_arguments=_with_arguments,
)
