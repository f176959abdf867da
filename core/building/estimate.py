"""How long each part of a build will take on this computer, from at most a minute of measuring."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.building.checked import BuildPlan
from core.building.films import UnreadFilmError, kept_positions, read_row
from core.building.stored_film import film_png
from core.datasets.base import Dataset
from core.errors import DatasetError
from core.models.arrays import UInt8Array
from core.models.clip_model import ClipModel
from core.models.fastest import fastest_precision, in_precision
from core.settings.steps import MeasuredModel, PartTime, seconds_of

N_MEASURED = 8
"""Films that are read, encoded and trained on."""

SECONDS = {"read": 10.0, "encode": 15.0}
"""After which a part is not repeated."""

DEAR = 3600
"""Seconds from which on the user is told how to leave a setting out."""


def estimate_build(plan: BuildPlan) -> tuple[list[PartTime], BuildPlan]:
    """Estimate the parts of a planned build, in order, and the plan with the precision that was measured.

    Times are upper bounds, as training may stop early. UMAP and writing are not among them: minutes at most. Nothing is
    changed by measuring.
    """
    dataset, options, rows = plan.dataset, plan.options, plan.rows
    some = rows[:: max(1, len(rows) // N_MEASURED)][:N_MEASURED]
    splits = dataset.images["split"].to_numpy()[rows]
    n_stored = len(kept_positions(splits.tolist(), options.films))
    read, crops = _reading(dataset, some, plan.model, n_stored / len(rows))
    choice = plan.precision or fastest_precision(plan.model, crops)
    model = in_precision(plan.model, choice.precision)
    encode = seconds_of(lambda: model.encode_crops(crops), SECONDS["encode"]) / len(crops)
    shared = 1 if model.device.type == "cuda" else os.cpu_count() or 1
    both = max(read, encode) if model.device.type == "cuda" else encode + read / shared
    parts = [
        PartTime("read and encode films", both * len(rows), f"{1 / both:.1f} films per second, {len(rows):,} films")
    ]
    n_train, n_val = (int(np.count_nonzero(splits == name)) for name in ("train", "val"))
    n_classes = dataset.labels.shape[1]
    measured = MeasuredModel(model, crops, len(rows), n_train, n_val, n_classes, encode, seconds_of)
    for setting in options.chosen:
        if setting.estimate is not None and (n_train or not setting.learns):
            parts.append(setting.estimate(measured, options.of(setting)))
    return parts, replace(plan, precision=choice)


def estimate_text(parts: Sequence[PartTime], device: str, settings: Sequence[str]) -> str:
    """Write the estimate as lines for a terminal,
    with the way to leave out what is dear.

    settings : that are asked for.
    """
    where = "a GPU" if device == "cuda" else f"{os.cpu_count()} processor cores"
    lines = [f"On this computer ({where}), measured just now:", *(f"  {part}" for part in parts)]
    dear = {part.setting: part.title for part in parts if part.setting is not None and part.seconds > DEAR}
    rest = [name for name in settings if name not in dear]
    if dear and rest:
        them, titles = "it" if len(dear) == 1 else "them", " and ".join(dear.values())
        lines.append(f"  Add --settings {','.join(rest)} to leave {titles} out, and build {them} later elsewhere.")
    return "\n".join(lines)


def _reading(dataset: Dataset, rows: Sequence[int], model: ClipModel, stored: float) -> tuple[float, UInt8Array]:
    """Seconds a film, and the crops (n, S, S) of the films that were read.

    stored : share of films that are stored.
    """
    crops: list[UInt8Array] = []
    read, store, why = 0.0, 0.0, ""
    for row in rows:
        begun = time.perf_counter()
        try:
            film = read_row(dataset, row)
        except UnreadFilmError as error:
            why = str(error)
            continue
        crops.append(model.transform.crop(film))
        done = time.perf_counter()
        film_png(film, dataset.film_file(row))
        read, store = read + done - begun, store + time.perf_counter() - done
        if read + store > SECONDS["read"]:
            break
    if not crops:
        message = f"None of the {len(rows)} films that were tried can be read, the last for this: {why}."
        raise DatasetError(message, remedy="Look at one of them in a viewer, and copy them again.")
    return (read + stored * store) / len(crops), np.stack(crops)
