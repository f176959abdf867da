"""How long each part of a build will take on this computer, from at most a minute of measuring."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.building.checked import BuildPlan
from core.building.films import UnreadFilmError, kept_positions, read_row
from core.building.planned_model import PlannedModel
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

_READ = "read and encode films"

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
    stored = len(kept_positions(splits.tolist(), options.films)) / len(rows)
    counts = {name: int(np.count_nonzero(splits == name)) for name in ("train", "val")}
    parts, models = list[PartTime](), list[PlannedModel]()
    for planned in plan.models:
        read, crops = _reading(dataset, some, planned.model, stored)
        choice = planned.precision or fastest_precision(planned.model, crops)
        models.append(replace(planned, precision=choice))
        parts += _parts(models[-1], plan, crops, 0.0 if planned.key else read, counts)
    return parts, replace(plan, models=tuple(models))


def _parts(
    planned: PlannedModel, plan: BuildPlan, crops: UInt8Array, read: float, counts: Mapping[str, int]
) -> list[PartTime]:
    """The parts of one model: its films, and its settings.

    read : seconds to read a film; 0 where another model's part has it.  counts : films of train and val.
    """
    assert planned.precision is not None
    n_films, n_classes, what = len(plan.rows), plan.dataset.labels.shape[1], "encode films" if planned.key else _READ
    model = in_precision(planned.model, planned.precision.precision)
    encode = seconds_of(lambda: model.encode_crops(crops), SECONDS["encode"]) / len(crops)
    shared = 1 if model.device.type == "cuda" else os.cpu_count() or 1
    both = max(read, encode) if model.device.type == "cuda" else encode + read / shared
    title = f"{what} ({planned.key})" if planned.key else what
    parts = [PartTime(title, both * n_films, f"{1 / both:.1f} films per second, {n_films:,} films")]
    measured = MeasuredModel(model, crops, n_films, counts["train"], counts["val"], n_classes, encode, seconds_of)
    for setting in planned.settings:
        if setting.estimate is not None and (counts["train"] or not setting.learns):
            part = setting.estimate(measured, plan.options.of(setting))
            named = replace(part, title=f"{part.title} ({planned.key})") if planned.key else part
            parts.append(named)
    return parts


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
