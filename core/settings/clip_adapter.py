"""CLIP-Adapter: two small layers behind the frozen image tower; the prompts judge as before. Loads no torch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from safetensors.numpy import load_file, save

from core.files import reading
from core.settings.base import Setting, Style
from core.settings.clip_adapter_options import ClipAdapterOptions
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult
from core.settings.text_sides import text_sides
from core.study import layout

if TYPE_CHECKING:
    import torch

    from core.saliency.tower.targets import Target
    from core.study.read import Study

_NAME: Final = "clip_adapter"
_TITLE: Final = "CLIP-Adapter"
_FILE: Final = "adapter.safetensors"


def _build(step: BuildStep, options: ClipAdapterOptions) -> StepResult:
    from core.settings.clip_adapter_training import fit_clip_adapter, scores_of

    with step.timed(_NAME):
        sides = text_sides(step, _TITLE)
        directions = (sides.scale * sides.directions).astype(np.float32)
        weights, record = fit_clip_adapter(
            step.embeddings, step.labels, step.train, step.val, directions, options, step.progress
        )
    arrays = {name: weight.numpy() for name, weight in weights.items()} | {"directions": directions}
    content = bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))
    scores = scores_of(weights, directions, options.ratio, step.embeddings)
    return StepResult(scores, {_FILE: content}, step.minutes(_NAME), training=record)


def _estimate(measured: MeasuredModel, options: ClipAdapterOptions) -> PartTime:
    """One epoch on made-up embeddings of the right size, times the epochs."""
    from core.settings.clip_adapter_training import fit_clip_adapter

    embeddings = np.ones((measured.n_train, measured.model.n_dimensions), np.float32)
    labels, rows = np.zeros((measured.n_train, measured.n_classes)), np.arange(measured.n_train)
    directions, one = embeddings[:1].repeat(measured.n_classes, axis=0), replace(options, max_epochs=1)
    seconds = measured.seconds(lambda: fit_clip_adapter(embeddings, labels, rows, rows[:0], directions, one), 5.0)
    basis = f"{seconds:.2f} s per epoch, {options.max_epochs} epochs at most"
    return PartTime(_TITLE, seconds * options.max_epochs, basis, _NAME)


def _target(study: Study, device: torch.device) -> Target:
    from core.settings.adapter_targets import adapter_target

    path = study.path(layout.setting_part(_NAME, _FILE))
    with reading(path, "the adapter cannot be read", remedy="Build the study again with `python -m core build`."):
        kept = load_file(path)
    ratio = float(study.manifest.settings[_NAME].hyperparameters.get("ratio", ClipAdapterOptions().ratio))
    return adapter_target(kept, ratio, device)


SETTING: Final = Setting(
    name=_NAME,
    title=_TITLE,
    style=Style("#8c5082", "9px,5px", "triangle-right"),
    description="The zero-shot margin of the film's embedding after two small layers were trained behind the tower.",
    score_kind="logit",
    options=ClipAdapterOptions(),
    build=_build,
    needs_text=True,
    stops_on_val=True,
    estimate=_estimate,
    target=_target,
)
