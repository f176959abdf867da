"""A build as it is asked for, looked at once: what is built, from which films and model, into which folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.building.checks import check_buildable
from core.building.plan import BuildOptions, Scratch, is_interrupted
from core.building.planned_model import PlannedModel, model_keys, planned_model
from core.building.stages import plan_of, stages_of
from core.datasets.base import Dataset
from core.models.clip_model import ClipModel
from core.study.write import check_out


@dataclass(frozen=True, eq=False)
class BuildPlan:
    """A build that nothing known beforehand stands in the way of; made by `plan_build`.

    models : at least one; the first is the study's own.  rows : of the dataset, those that are built.
    stages, key : what each stage, and the whole study, depends on, hashed.
    is_interrupted : whether a build to `out` was begun before; is_written : whether this one was, to its end.
    """

    dataset: Dataset
    models: tuple[PlannedModel, ...]
    out: Path
    options: BuildOptions
    replace: bool
    rows: list[int]
    stages: Mapping[str, str]
    key: str
    is_interrupted: bool
    is_written: bool

    @property
    def model(self) -> ClipModel:
        """Give the study's own model."""
        return self.models[0].model

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what a user must know of its models, one sentence each."""
        found = tuple(note for planned in self.models for note in planned.notes)
        with_text = [planned.model.name for planned in self.models if planned.model.has_text]
        if self.model.has_text or not with_text:
            return found
        return (*found, f"Prompts that are typed ask the first model, which has none: name {with_text[0]} first.")


def plan_build(
    dataset: Callable[[], Dataset],
    model: Callable[[], ClipModel],
    source: str,
    out: Path,
    options: BuildOptions,
    *,
    beside: Sequence[tuple[Callable[[], ClipModel], str]] = (),
    replace: bool = False,
) -> BuildPlan:
    """Plan a build, and check all that it would refuse in the end: first the folder, then the films, then the model.

    dataset, model : load them; each is called once, when what was looked at before is in order.
    beside : other models of the study, each with its source.
    Raises StudyError where `out` holds something that would be lost, or where films of a split are missing that a
    setting needs; and what loading raises.
    """
    out = Path(out).resolve()
    interrupted = is_interrupted(out)
    if not interrupted:
        check_out(out, replace=replace)
    films = dataset()
    rows = chosen_rows(films.images["split"].tolist(), options.limit)
    check_buildable(films, rows, options)
    loaded, sources = [model(), *(load() for load, _ in beside)], [source, *(name for _, name in beside)]
    models = tuple(
        planned_model(name, one, where, options)
        for name, one, where in zip(model_keys(loaded), loaded, sources, strict=True)
    )
    stages = stages_of(films, rows, loaded[0], options, models[1:])
    key = plan_of(stages, films, options)
    written = interrupted and Scratch.was_written(out, key)
    if interrupted and not written:
        check_out(out, replace=replace)
    return BuildPlan(films, models, out, options, replace, rows, stages, key, interrupted, written)


def chosen_rows(splits: list[str], limit: int | None) -> list[int]:
    """Choose the rows to build: all, or about `limit` of them, evenly from every split, at least two of each."""
    if limit is None or limit >= len(splits):
        return list(range(len(splits)))
    chosen: list[int] = []
    for split in dict.fromkeys(splits):
        rows = [row for row, name in enumerate(splits) if name == split]
        count = min(len(rows), max(2, round(limit * len(rows) / len(splits))))
        chosen += [rows[int(k)] for k in np.linspace(0, len(rows) - 1, count)]
    return sorted(set(chosen))
