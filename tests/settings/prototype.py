"""A fourth setting that only tests register: how much nearer a film is to the mean of a class than to that of the rest.

`python -m tests.settings.prototype FILMS MODEL OUT` builds a study of all settings, and kills itself
where the maps of the films begin.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save

from core.building.plan import BuildOptions
from core.settings import registry
from core.settings.base import Argument, Setting, SettingOptions, Style
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult
from core.settings.zero_shot import unit_rows
from core.study.read import Study

FILE = "prototypes.safetensors"


@dataclass(frozen=True)
class PrototypeOptions(SettingOptions):
    """rest : how much nearness to the films without a class counts against it."""

    rest: float = 1.0


def _build(step: BuildStep, options: PrototypeOptions) -> StepResult:
    kept, units = step.folder / FILE, unit_rows(step.embeddings, "image embedding")
    if not kept.is_file():
        step.progress(1, 1, "prototypes")
        train, labels = units[step.train], step.labels[step.train]
        means = [np.stack([train[column == value].mean(axis=0) for column in labels.T]) for value in (1, 0)]
        directions = unit_rows(means[0], "mean") - options.rest * unit_rows(means[1], "mean")
        step.folder.mkdir(exist_ok=True)
        kept.write_bytes(save({"directions": directions.astype(np.float32)}))
    return StepResult(units @ load_file(kept)["directions"].T, {FILE: kept}, 0.25)


@dataclass(frozen=True, eq=False)
class PrototypeTarget:
    """directions : (C, d)."""

    directions: torch.Tensor

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        """(n, d) -> (n, C)."""
        return torch.nn.functional.normalize(embeddings, dim=-1) @ self.directions.T

    def describe(self, finding: str) -> str:
        """What the score of a class is, in words."""
        return f"nearness to the mean film with {finding}"


def _target(study: Study, device: torch.device) -> PrototypeTarget:
    directions = load_file(study.path(f"settings/prototype/{FILE}"))["directions"]
    return PrototypeTarget(torch.tensor(directions, device=device))


def _with_arguments(options: PrototypeOptions, args: argparse.Namespace) -> PrototypeOptions:
    return replace(options, rest=args.rest)


def _estimate(measured: MeasuredModel, options: PrototypeOptions) -> PartTime:
    return PartTime("prototypes", 7200.0, f"{measured.n_train} films", "prototype")


SETTING = Setting(
    name="prototype",
    title="Nearest mean",
    style=Style("#8030f0", "longdashdot", "x"),
    description="Cosine to the mean film with a class, minus cosine to the mean film without it.",
    score_kind="margin",
    options=PrototypeOptions(),
    build=_build,
    is_usual=True,
    estimate=_estimate,
    target=_target,
    arguments=(Argument("--rest", float, 1.0, "weight of films without a class"),),
    with_arguments=_with_arguments,
    notes=("a mean of few films may lie far off.",),
)


@contextmanager
def registered(*settings: Setting[Any]) -> Iterator[None]:
    """The registry with one line more; or with other lines, where they are given."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(registry, "SETTINGS", settings or (*registry.SETTINGS, SETTING))
        yield


def all_settings(rest: float = 1.0) -> BuildOptions:
    """What to build of all settings; the registry has the fourth."""
    tuning = FineTuneOptions(max_epochs=2)
    return BuildOptions("four", training={"fine_tune": tuning, "prototype": PrototypeOptions(rest)})


def main() -> None:
    """The build that is killed."""
    from core.datasets.folder import FolderDataset
    from core.models.load import load_clip
    from tests.building.interrupted import first_dimensions
    from tests.building.planned import built

    def progress(done: int, total: int, what: str) -> None:
        if what.startswith("UMAP"):
            os.kill(os.getpid(), signal.SIGKILL)

    torch.set_num_threads(1)
    films, folder, out = (Path(argument) for argument in sys.argv[1:4])
    with registered():
        dataset, model = FolderDataset(films), load_clip(folder)
        built(dataset, model, str(folder), out, all_settings(), project=first_dimensions, progress=progress)


if __name__ == "__main__":
    main()
