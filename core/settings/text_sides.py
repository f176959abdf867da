"""What text-informed settings read: unit embeddings of films, and of each class's present and absent prompts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import StudyError
from core.metrics.cumulative import cumulative_counts
from core.metrics.ranking import auroc_of
from core.models.arrays import FloatArray
from core.settings.steps import BuildStep
from core.settings.zero_shot import prompt_ensembles, unit_rows

_SCALE: float = 100.0
"""CLIP's own factor, where nobody knows the model's."""


@dataclass(frozen=True, eq=False)
class TextSides:
    """Films and texts in one space, all at length 1.

    films : (n, d). present, absent : (C, d).
    scale : the factor that CLIP applies to cosine similarities.
    """

    films: FloatArray
    present: FloatArray
    absent: FloatArray
    scale: float

    @property
    def directions(self) -> FloatArray:
        """Give (C, d): a film's dot product with row c is the zero-shot margin of class c."""
        return self.present - self.absent


def text_sides(step: BuildStep, title: str) -> TextSides:
    """Give films and texts of a study; StudyError where it holds no prompts of a class, for `title`."""
    lacking = [
        f"{role} prompt of {name}"
        for name in step.classes
        for role in ("present", "absent")
        if not any(prompt.finding == name and prompt.role == role for prompt in step.prompts)
    ]
    if lacking:
        message = f"{title} begins from a text tower, and there is no {lacking[0]} ({len(lacking)} are missing)."
        raise StudyError(message, remedy="Build the study from a model with a text tower, or leave this setting out.")
    sides = (prompt_ensembles(step.texts, step.prompts, step.classes, role) for role in ("present", "absent"))
    present, absent = (np.asarray(side, np.float64) for side in sides)
    films = np.asarray(unit_rows(step.embeddings, "image embedding"), np.float64)
    return TextSides(films, present, absent, step.logit_scale or _SCALE)


def macro_auroc(labels: FloatArray, scores: FloatArray) -> float | None:
    """Compute the mean AUROC over the classes with a positive and a negative label; None where there is none.

    labels : (n, C) of {0, 1, NaN}. scores : (n, C).
    """
    pairs = zip(np.asarray(labels).T, np.asarray(scores).T, strict=True)
    values = [auroc_of(cumulative_counts(own, given)) for own, given in pairs]
    defined = [value for value in values if np.isfinite(value)]
    return float(np.mean(defined)) if defined else None
