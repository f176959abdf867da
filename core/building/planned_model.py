"""One model of a build, and the settings that are made of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.building.plan import BuildOptions
from core.errors import StudyError
from core.models.clip_model import ClipModel
from core.models.fastest import PrecisionChoice
from core.settings.base import FROZEN, Encoder, Setting
from core.settings.registry import encoder_beside, setting_beside
from core.study.layout import of_model

_LONGEST: Final = 24
"""Characters of a model's key: with a setting's name before it, it must be a folder's name."""


@dataclass(frozen=True, eq=False)
class PlannedModel:
    """A model of a build.

    key : what stands behind the names of its settings and encoders; "" for the study's own.
    source : what it was resolved from, kept in the manifest.
    settings : that are made of it, by the names that they have in the study.
    left_out : titles of those that ask for a text tower, where it has none.
    precision : that films are encoded in, where it was asked for or measured; None where it is still to be measured.
    """

    key: str
    model: ClipModel
    source: str
    settings: tuple[Setting[Any], ...]
    left_out: tuple[str, ...] = ()
    precision: PrecisionChoice | None = None

    @property
    def frozen(self) -> Encoder:
        """Give the encoder that is its own tower."""
        return encoder_beside(FROZEN, self.key)

    def named(self, part: str) -> str:
        """Name a part of the build that is this model's."""
        return of_model(part, self.key)

    @property
    def words(self) -> str:
        """Say in a sentence what the model is: what it sees, what it makes of prompts, and where evidence enters."""
        facts, transform = self.model.facts, self.model.transform
        reads = (
            "no text tower" if facts.score is None else f"{facts.score}, prompts of up to {facts.context_length} tokens"
        )
        sees = f"sees {transform.geometry.words} at {transform.crop_px} pixels"
        return f"{self.model.name} ({facts.family}): {sees}; {reads}; class evidence enters {facts.evidence}."

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what a user must know of it, one sentence each."""
        if not self.left_out:
            return self.model.facts.notes
        titles = ", ".join(self.left_out)
        return (*self.model.facts.notes, f"{self.model.name} has no text tower; left out: {titles}.")


def planned_model(key: str, model: ClipModel, source: str, options: BuildOptions) -> PlannedModel:
    """Plan the settings of a model; StudyError where it has no text tower and all of them ask for one."""
    chosen = [one for one in options.chosen if model.has_text or not one.needs_text]
    if not chosen:
        titles = ", ".join(one.title for one in options.chosen)
        raise StudyError(
            f"{model.name} is an image tower alone, and {titles} asks for a text tower.",
            remedy="Choose a setting that learns from films alone, such as the linear probe, or another model.",
        )
    left_out = tuple(one.title for one in options.chosen if one not in chosen)
    asked = options.precision and PrecisionChoice(options.precision, f"{options.precision}: asked for.")
    settings = tuple(setting_beside(one, key) for one in chosen)
    return PlannedModel(key, model, source, settings, left_out, asked or None)


def model_keys(models: Sequence[ClipModel]) -> tuple[str, ...]:
    """Give each model after the first a key out of its name, different from the others'; the first has "".

    Raises StudyError where a model is named twice.
    """
    keys: list[str] = []
    for place, model in enumerate(models):
        if any(model.sha256 == other.sha256 for other in models[:place]):
            raise StudyError(f"The model {model.name} is named twice.", remedy="Name every model once.")
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", model.name.rsplit("/", 1)[-1]).strip("-_")[:_LONGEST] or "model"
        number, key = 2, plain
        while key in keys:
            key, number = f"{plain[: _LONGEST - 3]}-{number}", number + 1
        keys.append(key if place else "")
    return tuple(keys)
