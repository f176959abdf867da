"""Prompt learning: vectors before the names of classes, in place of words that somebody chose. Loads no torch."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from core.errors import SaliencyError
from core.files import reading
from core.findings import CLASSES
from core.models.arrays import Float32Array
from core.settings.base import Setting, Style
from core.settings.prompt_learning_options import PromptLearningOptions
from core.settings.rates import RATE_SCALE, scaled_rate
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult
from core.study import layout

if TYPE_CHECKING:
    import torch

    from core.saliency.tower.targets import Target
    from core.study.read import Study

_NAME: Final = "prompt_learning"
_SECONDS: Final = 10.0
"""After which no more steps are measured."""


def _build(step: BuildStep, options: PromptLearningOptions) -> StepResult:
    from core.settings.prompt_learning_training import PROMPTS, learn_prompts
    from core.settings.zero_shot import unit_rows

    found = learn_prompts(
        step.model,
        step.embeddings,
        step.texts,
        step.prompts,
        step.classes,
        step.labels,
        step.train,
        step.val,
        options,
        progress=step.progress,
        checkpoint=step.folder,
        key=step.key,
    )
    scores = (unit_rows(step.embeddings, "image embedding") @ found.directions.T).astype(np.float32)
    return StepResult(scores, {PROMPTS: found.to_bytes()}, found.minutes, None, found.record)


def _estimate(measured: MeasuredModel, options: PromptLearningOptions) -> PartTime:
    """A step on made-up films, which counts nearly nothing beside the prompts, times the steps."""
    from core.models.arrays import no_progress
    from core.settings.prompt_learning_training import start_prompt_run
    from core.settings.training import MeanLoss, as_tensor
    from core.settings.zero_shot import prompts_for

    n_films, model = options.batch_size, measured.model
    classes = [CLASSES[number % len(CLASSES)] for number in range(measured.n_classes)]
    prompts = prompts_for(classes)
    embeddings = np.ones((n_films, model.n_dimensions), np.float32)
    texts = np.ones((len(prompts), model.n_dimensions), np.float32)
    targets = as_tensor(np.zeros((n_films, measured.n_classes), np.float32)).to(model.device)
    rows = np.arange(n_films)
    run = start_prompt_run(model, embeddings, texts, prompts, classes, targets, rows, options, no_progress)
    step = measured.seconds(lambda: run.step(rows, MeanLoss()), _SECONDS)
    n_steps = options.max_epochs * -(-measured.n_train // n_films)
    basis = f"{step:.2f} s per step, {options.max_epochs} epochs at most"
    return PartTime("prompt learning", n_steps * step, basis, _NAME)


def _target(study: Study, device: torch.device) -> Target:
    from safetensors.numpy import load_file

    from core.saliency.tower.targets import text_target
    from core.settings.prompt_learning_training import PROMPTS

    part = layout.setting_part(_NAME, PROMPTS)
    if not study.has(part):
        raise SaliencyError(
            f"The study {study.name} holds the scores of learnt prompts but not the prompts.",
            remedy="Build the study with `python -m core build`, which keeps them, to see saliency maps.",
        )
    with reading(study.path(part), "the learnt prompts cannot be read", remedy="Build the study again."):
        directions: Float32Array = load_file(study.path(part))["directions"]
    return text_target(directions, "margin", device)


def _with_arguments(options: PromptLearningOptions, args: argparse.Namespace) -> PromptLearningOptions:
    return replace(options, learning_rate=scaled_rate(options.learning_rate, args))


SETTING: Final = Setting(
    name=_NAME,
    title="Prompt learning",
    style=Style("#9c601e", "4px,1px", "asterisk"),
    description="Cosine to learnt prompts that stand for a finding, minus cosine to those that stand for its absence.",
    score_kind="margin",
    options=PromptLearningOptions(),
    build=_build,
    needs_text=True,
    stops_on_val=True,
    estimate=_estimate,
    target=_target,
    arguments=(RATE_SCALE,),
    with_arguments=_with_arguments,
)
