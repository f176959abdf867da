"""A study of three models over the same films: open_clip's, a SigLIP, and an image tower alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.building.build import build_study
from core.building.checked import BuildPlan, plan_build
from core.building.plan import BuildOptions
from core.datasets.base import Dataset
from core.models.load import load_clip
from core.study import Study
from tests.building.interrupted import first_dimensions
from tests.models import families
from tests.models.tiny import make_tiny_clip

OPTIONS = BuildOptions("side by side", ("zero_shot", "linear_probe"), films="all", precision="fp32")


@dataclass(frozen=True)
class SideBySide:
    """study : of all three. said : while it was built. folders : of the models."""

    study: Study
    said: tuple[str, ...]
    folders: tuple[Path, ...]


def make_models(root: Path) -> tuple[Path, ...]:
    return make_tiny_clip(root / "tiny"), families.siglip(root / "med.siglip"), families.dinov2(root / "rad-dino")


def plan(dataset: Dataset, folders: Sequence[Path], out: Path, options: BuildOptions = OPTIONS) -> BuildPlan:
    first, *others = [(partial(load_clip, folder), str(folder)) for folder in folders]
    return plan_build(lambda: dataset, *first, out, options, beside=others)


def make_side_by_side(dataset: Dataset, root: Path) -> SideBySide:
    said: list[str] = []
    folders = make_models(root)
    study = build_study(plan(dataset, folders, root / "study"), project=first_dimensions, say=said.append)
    return SideBySide(study, tuple(said), folders)
