"""Which precision encodes films fastest here: measured, and only taken where embeddings stay the same."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.models.arrays import Float32Array, UInt8Array
from core.models.clip_model import ClipModel
from core.models.device import Precision, computes_bf16
from core.models.image_tower import ImageTower

LEAST_COSINE: Final = 0.999
"""How close every film's embedding in half precision must be to that in single precision."""

LEAST_GAIN: Final = 1.1
SMALL_TOWER: Final = 20_000_000
"""Weights below which a tower is not measured: it is quick anyway, and timings of it are noise."""

_REPEATS: Final = 3
_FILMS: Final = 16


@dataclass(frozen=True)
class PrecisionChoice:
    """What was chosen, and from what.

    reason : one sentence.  gain : films per second in bf16 over those in fp32; least_cosine : the smallest cosine
    between a film's two embeddings. Both None where nothing was measured.
    """

    precision: Precision
    reason: str
    gain: float | None = None
    least_cosine: float | None = None


def fastest_precision(model: ClipModel, crops: UInt8Array) -> PrecisionChoice:
    """bf16 where it is at least LEAST_GAIN times as fast on these films and every cosine is at least LEAST_COSINE.

    crops : (n, S, S[, 3]), uint8; at most 16 are used. Without bf16 instructions nothing is measured.
    """
    n_weights = sum(weight.numel() for weight in model.visual.parameters())
    if n_weights < SMALL_TOWER or not len(crops):
        return PrecisionChoice("fp32", f"fp32: the image tower is small ({n_weights / 1e6:.1f} M weights).")
    if not computes_bf16(model.device):
        return PrecisionChoice("fp32", f"fp32: this {_named(model)} has no instructions for bf16.")
    return measured_choice(model, crops[:_FILMS])


def measured_choice(model: ClipModel, crops: UInt8Array) -> PrecisionChoice:
    """The choice by measurement: medians of interleaved repetitions, after one to warm up."""
    towers = {name: ImageTower.of(model.visual, model.transform, name) for name in ("fp32", "bf16")}
    embeddings = {name: tower.encode(crops) for name, tower in towers.items()}
    cosine = least_cosine(embeddings["fp32"], embeddings["bf16"])
    seconds: dict[str, list[float]] = {name: [] for name in towers}
    for _ in range(_REPEATS):
        for name, tower in towers.items():
            begun = time.perf_counter()
            tower.encode(crops)
            seconds[name].append(time.perf_counter() - begun)
    gain = statistics.median(seconds["fp32"]) / statistics.median(seconds["bf16"])
    precision: Precision = "bf16" if gain >= LEAST_GAIN and cosine >= LEAST_COSINE else "fp32"
    reason = f"{precision}: bf16 encodes {gain:.1f} times as fast here, least cosine to fp32 {cosine:.5f}."
    return PrecisionChoice(precision, reason, gain, cosine)


def in_precision(model: ClipModel, precision: Precision) -> ClipModel:
    """The model, encoding films in another precision."""
    return model if model.precision == precision else replace(model, precision=precision)


def least_cosine(ours: Float32Array, theirs: Float32Array) -> float:
    """The smallest cosine between rows of two (n, d) arrays; -1..1."""
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return float((np.einsum("nd,nd->n", ours, theirs) / lengths).min())


def _named(model: ClipModel) -> str:
    return "GPU" if model.device.type == "cuda" else "processor"
