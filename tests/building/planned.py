"""A build planned and made in one call, of a dataset and a model that are loaded already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.building.build import build_study
from core.building.checked import plan_build
from core.building.plan import BuildOptions
from core.datasets.base import Dataset
from core.models.clip_model import ClipModel
from core.study import Study


def built(
    dataset: Dataset,
    model: ClipModel,
    source: str,
    out: Path,
    options: BuildOptions,
    *,
    replace: bool = False,
    **rest: Any,
) -> Study:
    """The study. rest : what `build_study` takes besides a plan."""
    plan = plan_build(lambda: dataset, lambda: model, source, out, options, replace=replace)
    return build_study(plan, **rest)
