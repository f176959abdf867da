"""What the results of each stage of a build depend on, so that a change throws away no more than it must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np

from core.building.plan import BuildSettings, Scratch, hashed
from core.datasets.base import Dataset
from core.files import sha256_of
from core.models.clip_model import ClipModel
from core.models.source import CONFIG

FILMS: Final = "films"
FROZEN: Final = "frozen"
TUNING: Final = "fine_tune"

_TITLES: Final = {FILMS: "films that were read", FROZEN: "films that were encoded", TUNING: "fine-tuning"}
_NOT_OF_FILMS: Final = ("labels", "split")
"""Parts of a dataset's origin that say nothing of its films."""


def stages_of(dataset: Dataset, rows: Sequence[int], model: ClipModel, settings: BuildSettings) -> dict[str, str]:
    """A hash of all that each stage depends on, by the stage's folder. rows : the films that are built.

    Reading depends on the films, as their files are, and on what the model sees of them; encoding on the model, its
    configuration and its precision; training on labels, splits and its own settings. Which films are stored, and the
    probe's settings, change none of them.
    """
    chosen = dataset.images.iloc[list(rows)]
    origin = {name: value for name, value in dataset.card.origin.items() if name not in _NOT_OF_FILMS}
    table = chosen[["image_id", "height_px", "width_px"]].to_csv(index=False)
    seen = [model.sha256, sha256_of(model.folder / CONFIG), model.transform.cfg]
    films = hashed([dataset.card.name, origin, table, [_state_of(dataset.film_file(row)) for row in rows], seen])
    labels = np.ascontiguousarray(np.asarray(dataset.labels, np.float64)[list(rows)])
    trained_on = [hashed(labels.tobytes().hex()), chosen["split"].tolist(), asdict(settings.fine_tune)]
    return {FILMS: films, FROZEN: hashed([films, settings.precision]), TUNING: hashed([films, *trained_on])}


def _state_of(file: Path | None) -> list[int] | None:
    """Size in bytes and time of a film's file, which another file in its place has not; None where there is none."""
    if file is None:
        return None
    try:
        status = file.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def plan_of(stages: dict[str, str], dataset: Dataset, settings: BuildSettings) -> str:
    """A hash of all that the finished study depends on."""
    return hashed([stages, dataset.card.origin, dataset.card.notice, asdict(settings)])


def found_text(scratch: Scratch) -> str | None:
    """What an interrupted build left and what becomes of it, in sentences; None where it left nothing."""
    sentences = []
    if scratch.kept:
        sentences.append(f"Kept from an interrupted build: {_titles(scratch.kept)}.")
    if scratch.thrown_away:
        sentences.append(f"Thrown away, as made from other films, labels or options: {_titles(scratch.thrown_away)}.")
    return " ".join(sentences) or None


def _titles(stages: Sequence[str]) -> str:
    return ", ".join(_TITLES[name] for name in stages)
