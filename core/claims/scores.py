"""The scores that a claim may be asked of: as stored, and zero-shot's under other prompts, each made once a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.claims.axes import STORED, STYLE
from core.metrics.arrays import FloatArray
from core.prompts.stored import asked_prompts
from core.settings.zero_shot import name_logits, unit_rows

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class Side:
    """One setting as it was made, with its prompts (of zero-shot alone)."""

    setting: str
    prompts: str = STORED


class StudyScores:
    """Scores (n, C) of every side of a study that was asked for, and their kind."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._made: dict[Side, tuple[FloatArray, str]] = {}

    def of(self, side: Side) -> tuple[FloatArray, str]:
        """Give the scores of a side, float64 with NaN for a class that it learnt nothing of, and their kind."""
        if side not in self._made:
            self._made[side] = self._make(side)
        return self._made[side]

    def _make(self, side: Side) -> tuple[FloatArray, str]:
        study, entry = self._study, self._study.manifest.settings[side.setting]
        if side.prompts == STORED:
            return np.asarray(study.scores(side.setting), dtype=np.float64), entry.score_kind
        encoder = str(entry.encoder)
        images, texts = np.asarray(study.image_embeddings(encoder)), np.asarray(study.text_embeddings(encoder))
        if side.prompts == "names":
            return name_logits(images, texts, study.manifest.prompts, study.classes).astype(np.float64), "logit"
        if side.prompts.startswith(STYLE):
            return self._styled(images, side.prompts.removeprefix(STYLE)), "margin"
        return self._present(images, unit_rows(texts, "text embedding")), "similarity"

    def _present(self, images: FloatArray, texts: FloatArray) -> FloatArray:
        """(n, C) cosines to the mean of each class's present prompts."""
        rows = [
            [
                row
                for row, one in enumerate(self._study.manifest.prompts)
                if (one.finding, one.role) == (name, "present")
            ]
            for name in self._study.classes
        ]
        means = unit_rows(np.stack([texts[own].mean(axis=0) for own in rows]), "prompt ensemble")
        return np.asarray(unit_rows(images, "image embedding") @ means.T, dtype=np.float64)

    def _styled(self, images: FloatArray, style: str) -> FloatArray:
        """(n, C) margins under a style that the study keeps, each class by its first phrase."""
        asked = asked_prompts(self._study)
        assert asked is not None
        first = [
            next(place for place, one in enumerate(asked.wordings) if (one.style, one.finding) == (style, name))
            for name in self._study.classes
        ]
        present, absent = (asked.units[rows[first]] for rows in asked.rows)
        return np.asarray(unit_rows(images, "image embedding") @ (present - absent).T, dtype=np.float64)
