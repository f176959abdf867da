"""How long each part of a build will take on this computer, from at most a minute of measuring."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.building.checked import BuildPlan
from core.building.films import kept_positions
from core.building.plan import BuildSettings
from core.building.stored_film import film_png
from core.datasets.base import Dataset
from core.models.arrays import UInt8Array, no_progress
from core.models.clip_model import ClipModel
from core.models.fastest import fastest_precision, in_precision
from core.quantities import duration
from core.settings.fine_tune_run import Run
from core.settings.linear_probe import fit_linear_probe
from core.settings.training import MeanLoss, as_tensor

N_MEASURED = 8
"""Films that are read, encoded and trained on."""

SECONDS = {"read": 10.0, "encode": 15.0, "train": 25.0}
"""After which a part is not repeated."""


@dataclass(frozen=True)
class PartTime:
    """One part of a build. basis : what was measured, in words."""

    title: str
    seconds: float
    basis: str

    def __str__(self) -> str:
        return f"{self.title}: about {duration(self.seconds)} ({self.basis})"


def estimate_build(plan: BuildPlan) -> tuple[list[PartTime], BuildPlan]:
    """The parts of a planned build, in order, and the plan with the precision that was measured.

    Times are upper bounds, as training may stop early. UMAP and writing are not among them: minutes at most. Nothing is
    changed by measuring.
    """
    dataset, settings, rows = plan.dataset, plan.settings, plan.rows
    some = rows[:: max(1, len(rows) // N_MEASURED)][:N_MEASURED]
    splits = dataset.images["split"].to_numpy()[rows]
    n_stored = len(kept_positions(splits.tolist(), settings.films))
    read, crops = _reading(dataset, some, plan.model, n_stored / len(rows))
    choice = plan.precision or fastest_precision(plan.model, crops)
    model = in_precision(plan.model, choice.precision)
    encode = _seconds(lambda: model.encode_crops(crops), SECONDS["encode"]) / len(crops)
    shared = 1 if model.device.type == "cuda" else os.cpu_count() or 1
    both = max(read, encode) if model.device.type == "cuda" else encode + read / shared
    parts = [PartTime("read and encode films", both * len(rows), f"{1 / both:.1f} films a second, {len(rows):,} films")]
    n_train, n_val = (int(np.count_nonzero(splits == name)) for name in ("train", "val"))
    if "linear_probe" in settings.settings and n_train:
        parts.append(_probe(model, n_train, dataset.labels.shape[1], settings))
    if "fine_tune" in settings.settings and n_train:
        step, check = _training(model, crops, dataset.labels.shape[1], settings)
        epochs = settings.fine_tune.max_epochs
        seconds = epochs * (n_train * step + n_val * check) + len(rows) * encode
        parts.append(PartTime("fine-tuning", seconds, f"{1 / step:.1f} films a second, {epochs} epochs at most"))
    return parts, replace(plan, precision=choice)


def estimate_text(parts: Sequence[PartTime], device: str) -> str:
    """The estimate as lines for a terminal, with the way to leave out what is dear."""
    where = "a GPU" if device == "cuda" else f"{os.cpu_count()} processor cores"
    lines = [f"On this computer ({where}), measured just now:", *(f"  {part}" for part in parts)]
    tuning = next((part for part in parts if part.title == "fine-tuning"), None)
    if tuning is not None and tuning.seconds > 3600:
        lines.append("  Add --settings zero_shot,linear_probe to leave fine-tuning out, and build it later elsewhere.")
    return "\n".join(lines)


def _reading(dataset: Dataset, rows: Sequence[int], model: ClipModel, stored: float) -> tuple[float, UInt8Array]:
    """Seconds a film, and the crops (n, S, S) of the films that were read. stored : share of films that are stored."""
    crops: list[UInt8Array] = []
    read = store = 0.0
    for row in rows:
        begun = time.perf_counter()
        film = dataset.film(row)
        crops.append(model.transform.crop(film))
        done = time.perf_counter()
        film_png(film, dataset.film_file(row))
        read, store = read + done - begun, store + time.perf_counter() - done
        if read + store > SECONDS["read"]:
            break
    return (read + stored * store) / len(crops), np.stack(crops)


def _seconds(work: Callable[[], object], enough: float) -> float:
    """The least seconds of up to three repetitions; of one, where it takes `enough`."""
    best, spent = float("inf"), 0.0
    for _ in range(3):
        begun = time.perf_counter()
        work()
        taken = time.perf_counter() - begun
        best, spent = min(best, taken), spent + taken
        if spent > enough / 2:
            break
    return best


def _probe(model: ClipModel, n_train: int, n_classes: int, settings: BuildSettings) -> PartTime:
    """One epoch on made-up embeddings of the right size, times the epochs."""
    embeddings = np.zeros((n_train, model.n_dimensions), np.float32)
    labels, rows = np.zeros((n_train, n_classes)), np.arange(n_train)
    one = replace(settings.linear_probe, max_epochs=1)
    seconds = _seconds(lambda: fit_linear_probe(embeddings, labels, rows, rows[:0], one), 5.0)
    epochs = settings.linear_probe.max_epochs
    return PartTime("linear probe", seconds * epochs, f"{seconds:.2f} s an epoch, {epochs} epochs at most")


def _training(model: ClipModel, crops: UInt8Array, n_classes: int, settings: BuildSettings) -> tuple[float, float]:
    """Seconds a film of one training step and of the loss alone, on a copy of the tower that is thrown away."""
    targets = as_tensor(np.zeros((len(crops), n_classes), np.float32))
    run = Run.start(model, crops, targets, settings.fine_tune, str(model.device), no_progress)
    rows = np.arange(len(crops))
    step = _seconds(lambda: run.step(rows, MeanLoss()), SECONDS["train"]) / len(crops)
    return step, _seconds(lambda: run.loss_of(rows), SECONDS["train"]) / len(crops)
