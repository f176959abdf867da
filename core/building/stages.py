"""What the results of each stage of a build depend on, so that a change throws away no more than it must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np

from core.building.plan import BuildOptions, Scratch, hashed
from core.building.planned_model import PlannedModel
from core.datasets.base import Dataset
from core.files import sha256_of
from core.models.clip_model import ClipModel
from core.settings import registry
from core.settings.base import FROZEN as FROZEN_ENCODER
from core.settings.titles import setting_title
from core.study.layout import of_model, parted

FILMS: Final = "films"
FROZEN: Final = FROZEN_ENCODER.name

_TITLES: Final = {FILMS: "films that were read", FROZEN: "films that were encoded"}
_NOT_OF_FILMS: Final = ("labels", "split", "tables", "convention")
"""Parts of a dataset's origin that say nothing of its films, nor of what is drawn on them."""


def stages_of(
    dataset: Dataset,
    rows: Sequence[int],
    model: ClipModel,
    options: BuildOptions,
    beside: Sequence[PlannedModel] = (),
) -> dict[str, str]:
    """Compute a hash of all that each stage depends on, by the stage's folder.

    rows : the films that are built.  beside : the study's other models; films are read once for all.

    Reading depends on the films, as their files are, and on what the model sees of them; encoding on the model, its
    configuration and its precision; a setting on labels, splits, its own options, and on encoding where it reads the
    model's own embeddings. Which films are stored, and other settings' options, change none of them.
    """
    chosen = dataset.images.iloc[list(rows)]
    origin = {name: value for name, value in dataset.card.origin.items() if name not in _NOT_OF_FILMS}
    table = chosen[["image_id", "height_px", "width_px"]].to_csv(index=False)
    seen = [_seen(model), *(_seen(planned.model) for planned in beside)] if beside else _seen(model)
    films = hashed([dataset.card.name, origin, table, [_state_of(dataset.film_file(row)) for row in rows], seen])
    labels = np.ascontiguousarray(np.asarray(dataset.labels, np.float64)[list(rows)])
    trained_on = [hashed(labels.tobytes().hex()), chosen["split"].tolist()]
    stages = {FILMS: films}
    for key in ("", *(planned.key for planned in beside)):
        frozen = of_model(FROZEN, key)
        stages[frozen] = hashed([films, options.precision])
        for setting in registry.SETTINGS:
            read = films if setting.encoder.is_trained else stages[frozen]
            stages[of_model(setting.name, key)] = hashed([read, *trained_on, asdict(options.of(setting))])
    return stages


def _seen(model: ClipModel) -> list[object]:
    """What the embedding of a film, and what is kept of it, depends on."""
    return [model.sha256, sha256_of(model.config), model.transform.cfg]


def _state_of(file: Path | None) -> list[int] | None:
    """Size in bytes and time of a film's file, which another file in its place has not; None where there is none."""
    if file is None:
        return None
    try:
        status = file.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def plan_of(stages: dict[str, str], dataset: Dataset, options: BuildOptions) -> str:
    """Compute a hash of all that the finished study depends on."""
    card = dataset.card
    said = None if card.readings is None else card.readings.fingerprint
    convention = None if card.convention is None else card.convention.to_json()
    return hashed([stages, card.origin, card.notice, said, convention, asdict(options)])


def found_text(scratch: Scratch) -> str | None:
    """Say what an interrupted build left and what becomes of it, in sentences; None where it left nothing."""
    sentences = []
    if scratch.kept:
        sentences.append(f"Kept from an interrupted build: {_titles(scratch.kept)}.")
    if scratch.thrown_away:
        sentences.append(f"Thrown away, as made from other films, labels or options: {_titles(scratch.thrown_away)}.")
    return " ".join(sentences) or None


def _titles(stages: Sequence[str]) -> str:
    return ", ".join(_title(name) for name in stages)


def _title(stage: str) -> str:
    own, model = parted(stage)
    title = _TITLES.get(own) or setting_title(own).lower()
    return f"{title} ({model})" if model else title
