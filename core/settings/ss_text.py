"""SS-Text: prototypes of films and text in closed form, for sets where findings are of very unlike number.

Nothing is iterated. Loads no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from safetensors.numpy import load_file, save

from core.files import reading
from core.settings.base import Setting, SettingOptions, Style
from core.settings.closed_form import class_sums, ss_text_directions
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult
from core.settings.text_sides import text_sides
from core.study import layout
from core.study.training_record import TrainingRecord

if TYPE_CHECKING:
    import torch

    from core.saliency.tower.targets import Target
    from core.study.read import Study

_NAME: Final = "ss_text"
_TITLE: Final = "SS-Text"
_FILE: Final = "directions.safetensors"


@dataclass(frozen=True)
class SsTextOptions(SettingOptions):
    """It has nothing to choose: the weight of the text follows from the number of films."""


def _build(step: BuildStep, options: SsTextOptions) -> StepResult:
    with step.timed(_NAME):
        sides = text_sides(step, _TITLE)
        films, labels = sides.films[step.train], np.asarray(step.labels)[step.train]
        positive, negative = (class_sums(films, labels, value) for value in (1, 0))
        directions = ss_text_directions(positive, negative, sides.present, sides.absent, sides.scale)
    scores = (sides.films @ directions.T).astype(np.float32)
    n_films = int(np.isfinite(labels).any(axis=1).sum())
    record = TrainingRecord("closed-form", 2 * directions.size, n_films)
    content = bytes(save({"directions": np.ascontiguousarray(directions, np.float32)}))
    return StepResult(scores, {_FILE: content}, step.minutes(_NAME), training=record)


def _estimate(measured: MeasuredModel, options: SsTextOptions) -> PartTime:
    """The sums, on made-up embeddings of the right size; all else is nothing beside them."""
    films = np.zeros((measured.n_train, measured.model.n_dimensions))
    labels = np.zeros((measured.n_train, measured.n_classes))
    seconds = measured.seconds(lambda: class_sums(films, labels, 1), 2.0)
    return PartTime(_TITLE, 2 * seconds, f"sums of {measured.n_train:,} films", _NAME)


def _target(study: Study, device: torch.device) -> Target:
    from core.saliency.tower.targets import prototype_target

    path = study.path(layout.setting_part(_NAME, _FILE))
    with reading(path, "the prototypes cannot be read", remedy="Build the study again with `python -m core build`."):
        directions = load_file(path)["directions"]
    return prototype_target(directions, device)


SETTING: Final = Setting(
    name=_NAME,
    title=_TITLE,
    style=Style("#3c50fa", "3px,6px", "star-diamond"),
    description=(
        "Cosine to the prototype of films and prompts with a finding, minus cosine to that of those without it; the "
        "prototypes are in closed form."
    ),
    score_kind="margin",
    options=SsTextOptions(),
    build=_build,
    needs_text=True,
    is_closed_form=True,
    estimate=_estimate,
    target=_target,
)
