"""LP++: a linear probe whose weights are blended with those of the text, class by class. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.models.arrays import FloatArray
from core.settings.base import Setting, SettingOptions, Style
from core.settings.closed_form import class_sums
from core.settings.logistic import log_losses
from core.settings.lp_plus_plus_training import TextProbe, independent_residual, train_text_probe
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult
from core.settings.text_sides import TextSides, text_sides
from core.study.training_record import TrainingRecord

_NAME: Final = "lp_plus_plus"
_TITLE: Final = "LP++"


@dataclass(frozen=True)
class LpPlusPlusOptions(SettingOptions):
    """max_steps : of the classifier; 300 as published. The step with the lowest loss on val is kept."""

    max_steps: int = 300


def _start(sides: TextSides, films: FloatArray, labels: FloatArray) -> TextProbe:
    """Where it begins: mean film with a class minus mean film without, no bias, and CLIP's own weight on the text."""
    (with_it, n_with), (without, n_without) = (class_sums(films, labels, value) for value in (1, 0))
    weight = with_it / np.maximum(n_with, 1)[:, None] - without / np.maximum(n_without, 1)[:, None]
    zeros = np.zeros(len(weight))
    return TextProbe(weight, zeros, zeros + sides.scale)


def _mean_loss(logits: FloatArray, labels: FloatArray) -> float | None:
    """Mean log loss a label; None where there is none."""
    read = np.isfinite(labels)
    return float(log_losses(logits[read], labels[read]).mean()) if read.any() else None


def _build(step: BuildStep, options: LpPlusPlusOptions) -> StepResult:
    from core.settings.head import HEAD, LinearHead

    with step.timed(_NAME):
        sides, labels = text_sides(step, _TITLE), np.asarray(step.labels)
        films, texts = sides.films[step.train], sides.directions
        losses: list[tuple[float | None, float | None, float]] = []
        probes: list[TextProbe] = []

        def each(number: int, probe: TextProbe, norm: float) -> None:
            step.progress(number, options.max_steps, "steps of LP++")
            train = _mean_loss(probe.logits(films, texts), labels[step.train])
            val = _mean_loss(probe.logits(sides.films[step.val], texts), labels[step.val])
            losses.append((train, val, norm))
            probes.append(probe)

        start = _start(sides, films, labels[step.train])
        train_text_probe(start, films, labels[step.train], texts, independent_residual, options.max_steps, each)
        kept = min(range(len(losses)), key=lambda number: (_or_last(losses[number][1]), -number))
        best = probes[kept]
    weight = (best.weight + best.alpha[:, None] * texts).astype(np.float32)
    head = LinearHead(weight, best.bias.astype(np.float32), is_unit=True)
    n_films = int(np.isfinite(labels[step.train]).any(axis=1).sum())
    n_parameters = best.weight.size + best.bias.size + best.alpha.size
    train, val, norms = zip(*losses, strict=True)
    ended = "val" if kept < len(losses) - 1 else "schedule"
    record = TrainingRecord(ended, n_parameters, n_films, None, train, val, kept, norms[kept])  # type: ignore[arg-type]
    return StepResult(head.logits(step.embeddings), {HEAD: head.to_bytes()}, step.minutes(_NAME), training=record)


def _or_last(loss: float | None) -> float:
    """A loss to compare; without val films all are alike, and the last is kept."""
    return 0.0 if loss is None else loss


def _estimate(measured: MeasuredModel, options: LpPlusPlusOptions) -> PartTime:
    """Five steps on made-up embeddings of the right size, times the steps."""
    rng = np.random.default_rng(0)
    films = rng.normal(size=(measured.n_train, measured.model.n_dimensions))
    labels, texts = np.zeros((measured.n_train, measured.n_classes)), films[:1].repeat(measured.n_classes, axis=0)
    zeros = np.zeros(measured.n_classes)
    start = TextProbe(np.zeros_like(texts), zeros, zeros)

    def five() -> None:
        train_text_probe(start, films, labels, texts, independent_residual, 5, lambda *_: None)

    seconds = measured.seconds(five, 5.0) / 5 * 2
    basis = f"{seconds:.4f} s per step, {options.max_steps} steps"
    return PartTime(_TITLE, seconds * options.max_steps, basis, _NAME)


SETTING: Final = Setting(
    name=_NAME,
    title=_TITLE,
    style=Style("#8c82c8", "6px,3px,1px,3px", "hexagram"),
    description=(
        "A linear classifier on the frozen image embeddings at length 1, its weights blended with those of the prompts "
        "by one learnt factor a class."
    ),
    score_kind="logit",
    options=LpPlusPlusOptions(),
    build=_build,
    needs_text=True,
    stops_on_val=True,
    estimate=_estimate,
)
