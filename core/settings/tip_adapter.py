"""Tip-Adapter: zero-shot plus what the labels of the nearest train films say. Nothing is trained. Loads no torch.

Source: Zhang et al., arXiv 2111.03930.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from safetensors.numpy import load_file, save

from core.files import reading
from core.models.arrays import FloatArray
from core.settings.base import FROZEN, Setting, SettingOptions, Style
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult
from core.settings.text_sides import macro_auroc, text_sides
from core.settings.zero_shot import unit_rows
from core.study import layout
from core.study.training_record import TrainingRecord

if TYPE_CHECKING:
    import torch

    from core.saliency.tower.targets import Target
    from core.study.read import Study

_NAME: Final = "tip_adapter"
_TITLE: Final = "Tip-Adapter"
_FILE: Final = "cache.safetensors"
_CHUNK: Final = 1024
"""Films that are set against the cache at once."""


@dataclass(frozen=True)
class TipAdapterOptions(SettingOptions):
    """alphas, betas : weights of the cache, and sharpnesses, that are tried on val; without it the published 1, 5.5."""

    alphas: list[float] = field(default_factory=lambda: [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
    betas: list[float] = field(default_factory=lambda: [1.0, 3.0, 5.5, 10.0, 20.0, 40.0])
    alpha_without_val: float = 1.0
    beta_without_val: float = 5.5


def cache_logits(films: FloatArray, keys: FloatArray, values: FloatArray, beta: float) -> FloatArray:
    """Compute (n, C): the values (m, C) of cached films, each weighted by exp(-beta (1 - cosine)).

    films : (n, d), keys : (m, d), of length 1.
    """
    parts = [
        np.exp(-beta * (1 - films[start : start + _CHUNK] @ keys.T)) @ values
        for start in range(0, max(len(films), 1), _CHUNK)
    ]
    return np.concatenate(parts)


def cache_values(labels: FloatArray) -> FloatArray:
    """Compute (m, C) of labels: 1 / positives for a positive, -1 / negatives for a negative, 0 for NaN.

    In the published few shots every class has as many films and they exclude each other; here each class is a question
    of its own, and its two sides count alike.
    """
    values = np.zeros(labels.shape)
    for value, sign in ((1, 1.0), (0, -1.0)):
        chosen = labels == value
        values += sign * chosen / np.maximum(chosen.sum(axis=0), 1)
    return values


def _build(step: BuildStep, options: TipAdapterOptions) -> StepResult:
    with step.timed(_NAME):
        sides, labels = text_sides(step, _TITLE), np.asarray(step.labels)
        rows = step.train[np.isfinite(labels[step.train]).any(axis=1)]
        keys, values = sides.films[rows], cache_values(labels[rows])
        zero_shot = sides.scale * (sides.films @ sides.directions.T)
        best, alpha, beta = -np.inf, options.alpha_without_val, options.beta_without_val
        for tried_beta in options.betas:
            step.progress(options.betas.index(tried_beta), len(options.betas), "sharpnesses of Tip-Adapter")
            cached = cache_logits(sides.films[step.val], keys, values, tried_beta)
            for tried_alpha in options.alphas:
                found = macro_auroc(labels[step.val], zero_shot[step.val] + tried_alpha * sides.scale * cached)
                if found is not None and found > best:
                    best, alpha, beta = found, tried_alpha, tried_beta
        cached = cache_logits(sides.films, keys, values, beta)
        scores = (zero_shot + alpha * sides.scale * cached).astype(np.float32)
    directions, factors = sides.scale * sides.directions, np.array([alpha * sides.scale, beta])
    arrays = {"values": values, "directions": directions, "factors": factors}
    kept = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()} | {"rows": rows}
    record = TrainingRecord("closed-form", 0, len(rows))
    return StepResult(scores, {_FILE: bytes(save(kept))}, step.minutes(_NAME), training=record)


def _estimate(measured: MeasuredModel, options: TipAdapterOptions) -> PartTime:
    """One chunk of made-up films against the cache, times what val and all films take."""
    keys = np.zeros((max(measured.n_train, 1), measured.model.n_dimensions))
    values, films = np.zeros((len(keys), measured.n_classes)), keys[:_CHUNK]
    seconds = measured.seconds(lambda: cache_logits(films, keys, values, 1.0), 5.0) / len(films)
    n_films = measured.n_films + len(options.betas) * measured.n_val
    return PartTime(_TITLE, seconds * n_films, f"{1 / seconds:,.0f} films per second", _NAME)


def _target(study: Study, device: torch.device) -> Target:
    from core.settings.adapter_targets import cache_target

    path = study.path(layout.setting_part(_NAME, _FILE))
    with reading(path, "the cache cannot be read", remedy="Build the study again with `python -m core build`."):
        kept = load_file(path)
    encoder = study.manifest.settings[_NAME].encoder or FROZEN.name
    keys = unit_rows(np.asarray(study.image_embeddings(encoder))[kept["rows"]], "image embedding")
    return cache_target(keys, kept["values"], kept["directions"], *map(float, kept["factors"]), device=device)


SETTING: Final = Setting(
    name=_NAME,
    title=_TITLE,
    style=Style("#506e5a", "16px,3px,3px,3px", "octagon"),
    description=(
        "The zero-shot margin plus the labels of the train films, each weighted by how near it is; both weights are "
        "those with the highest mean AUROC on val."
    ),
    score_kind="logit",
    options=TipAdapterOptions(),
    build=_build,
    needs_text=True,
    stops_on_val=True,
    is_closed_form=True,
    estimate=_estimate,
    target=_target,
    notes=("its two weights were chosen on the val films.",),
)
