"""The films of a study as wordings see them: cosines to every prompt, and labels, split by split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import FloatArray
from core.prompts.stored import AskedPrompts
from core.settings.base import FROZEN
from core.settings.zero_shot import unit_rows, zero_shot_margins

if TYPE_CHECKING:
    from core.study import Study

FITTED_ON: Final = "val"
"""The films that prompts and thresholds are chosen on."""


@dataclass(frozen=True, eq=False)
class AskedFilms:
    """The films of one split.

    films : (n, d) embeddings of length 1.
    affirmed, denied : (n, n_wordings) cosines to either prompt of a wording.
    own : (n, C) margins under the study's own prompts; NaN for a class that has none.
    labels : (n, C) of {0, 1, NaN}.
    patients : (n,).
    """

    split: str
    films: FloatArray
    affirmed: FloatArray
    denied: FloatArray
    own: FloatArray
    labels: FloatArray
    patients: list[str]

    @property
    def margins(self) -> FloatArray:
        """Give (n, n_wordings) scores: as a build with the wording has them."""
        return self.affirmed - self.denied


def films_asked(study: Study, asked: AskedPrompts, split: str) -> AskedFilms:
    """Compute the cosines of a split's films to every prompt."""
    rows = study.rows(split)
    films = unit_rows(np.asarray(study.image_embeddings(FROZEN.name)[rows]), "image embedding")
    present, absent = asked.rows
    similarities = films @ asked.units.T
    return AskedFilms(
        split,
        films,
        similarities[:, present],
        similarities[:, absent],
        _own_margins(study, films),
        np.asarray(study.labels[rows]),
        study.patient_ids(rows),
    )


def read_on(study: Study) -> str:
    """Choose the films that figures are read on: test, or all where there is no test film."""
    return "test" if study.splits().get("test") else "all"


def _own_margins(study: Study, films: FloatArray) -> FloatArray:
    prompts, texts = study.manifest.prompts, study.text_embeddings(FROZEN.name)
    roles = {(prompt.finding, prompt.role) for prompt in prompts}
    has = [{(name, "present"), (name, "absent")} <= roles for name in study.classes]
    own = np.full((len(films), len(study.classes)), np.nan, np.float32)
    named = [name for name, there in zip(study.classes, has, strict=True) if there]
    if named and len(films):
        own[:, has] = zero_shot_margins(films, texts, prompts, named)
    return own
