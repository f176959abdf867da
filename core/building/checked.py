"""A build as it is asked for, looked at once: what is built, from which films and model, into which folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.building.checks import check_buildable
from core.building.plan import BuildOptions, Scratch, is_interrupted
from core.building.stages import plan_of, stages_of
from core.datasets.base import Dataset
from core.models.clip_model import ClipModel
from core.models.fastest import PrecisionChoice
from core.study.write import check_out


@dataclass(frozen=True, eq=False)
class BuildPlan:
    """A build that nothing known beforehand stands in the way of; made by `plan_build`.

    source : what the model was resolved from, kept in the manifest.  rows : of the dataset, those that are built.
    stages, key : what each stage, and the whole study, depends on, hashed.
    is_interrupted : whether a build to `out` was begun before; is_written : whether this one was, to its end.
    precision : that films are encoded in, where it was asked for or measured; None where it is still to be measured.
    """

    dataset: Dataset
    model: ClipModel
    source: str
    out: Path
    options: BuildOptions
    replace: bool
    rows: list[int]
    stages: Mapping[str, str]
    key: str
    is_interrupted: bool
    is_written: bool
    precision: PrecisionChoice | None


def plan_build(
    dataset: Callable[[], Dataset],
    model: Callable[[], ClipModel],
    source: str,
    out: Path,
    options: BuildOptions,
    *,
    replace: bool = False,
) -> BuildPlan:
    """Plan a build, and check all that it would refuse in the end: first the folder, then the films, then the model.

    dataset, model : load them; each is called once, when what was looked at before is in order.
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
    clip = model()
    stages = stages_of(films, rows, clip, options)
    key = plan_of(stages, films, options)
    written = interrupted and Scratch.was_written(out, key)
    if interrupted and not written:
        check_out(out, replace=replace)
    asked = options.precision and PrecisionChoice(options.precision, f"{options.precision}: asked for.")
    return BuildPlan(films, clip, source, out, options, replace, rows, stages, key, interrupted, written, asked)


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
