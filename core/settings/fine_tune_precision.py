"""In which precision a tower is trained: measured once, and the same wherever an interrupted run goes on."""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from core.files import digest, write_whole
from core.models.device import Precision, computes_bf16
from core.models.fastest import SMALL_TOWER, PrecisionChoice
from core.settings.fine_tune_tower import TowerLearner
from core.settings.run import trained_weights

LEAST_GAIN: Final = 1.1
LEAST_COSINE: Final = 0.98
"""Of the gradients of all weights, in half precision and in single."""

FILE: Final = "precision.json"
_FILMS: Final = 8
_REPEATS: Final = 2


def chosen_precision(
    learner: TowerLearner, asked: Precision | None, scratch: Path | None, plan: Mapping[str, Any]
) -> PrecisionChoice:
    """Choose what is asked for; where nothing is, bf16 on a GPU, and on a CPU what is measured to be faster.

    scratch : folder in which a measured choice is remembered for the same plan; None remembers nothing.
    A tower of few weights is not measured and computes in fp32: it is quick, and its results are the same everywhere.
    """
    if asked is not None:
        return PrecisionChoice(asked, f"{asked}: as asked for.")
    if learner.device.type == "cuda":
        return PrecisionChoice("bf16", "bf16: on a GPU.")
    n_weights = sum(weight.numel() for weight in learner.visual.parameters())
    if n_weights < SMALL_TOWER:
        return PrecisionChoice("fp32", f"fp32: the image tower is small ({n_weights / 1e6:.1f} M weights).")
    if not computes_bf16(learner.device):
        return PrecisionChoice("fp32", "fp32: this processor has no instructions for bf16.")
    if scratch is None:
        return measured_choice(learner)
    return _remembered(learner, scratch / FILE, digest(plan))


def _remembered(learner: TowerLearner, path: Path, plan: str) -> PrecisionChoice:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["plan"] == plan:
            return PrecisionChoice(**found["choice"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    choice = measured_choice(learner)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps({"plan": plan, "choice": asdict(choice)}))
    return choice


def measured_choice(learner: TowerLearner) -> PrecisionChoice:
    """Choose bf16 where it is at least LEAST_GAIN times as fast and its gradient points where that of fp32 does.

    A few films, medians of interleaved repetitions after one to warm up. No weight is changed.
    """
    precisions: tuple[Precision, Precision] = ("fp32", "bf16")
    gradients = {name: _gradient(learner, name) for name in precisions}
    cosine = cosine_of(gradients["fp32"], gradients["bf16"])
    seconds: dict[str, list[float]] = {name: [] for name in precisions}
    for _ in range(_REPEATS):
        for name in precisions:
            begun = time.perf_counter()
            _gradient(learner, name)
            seconds[name].append(time.perf_counter() - begun)
    gain = statistics.median(seconds["fp32"]) / statistics.median(seconds["bf16"])
    precision: Precision = "bf16" if gain >= LEAST_GAIN and cosine >= LEAST_COSINE else "fp32"
    reason = f"{precision}: bf16 trains {gain:.1f} times as fast here, cosine of gradients to fp32 {cosine:.5f}."
    return PrecisionChoice(precision, reason, gain, cosine)


def cosine_of(one: torch.Tensor, other: torch.Tensor) -> float:
    """Compute the cosine of two long rows, -1..1; sums are in double precision, as single ones drift over millions."""
    products = (one * other, one.square(), other.square())
    dot, first, second = (float(product.sum(dtype=torch.float64)) for product in products)
    return dot / math.sqrt(first * second)


def _gradient(learner: TowerLearner, precision: Precision) -> torch.Tensor:
    """The gradient of all that is trained, in one row, of a loss that asks half of the labels to rise."""
    learner.compute_in(precision)
    learner.eval()
    logits = learner.logits(np.arange(min(_FILMS, len(learner.films))))
    signs = (torch.arange(logits.numel(), device=logits.device) % 2 * 2 - 1).view_as(logits)
    torch.nn.functional.softplus(-signs * logits).mean().backward()
    weights = trained_weights(learner.modules)
    gradient = torch.cat([weight.grad.flatten() for weight in weights if weight.grad is not None])
    for weight in weights:
        weight.grad = None
    return gradient
