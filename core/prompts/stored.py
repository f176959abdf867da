"""The wordings that a study keeps, with their prompts as its text tower reads them; no model is needed to use them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from core.errors import StudyError
from core.files import reading
from core.geometry import FloatArray, IntArray
from core.prompts.plan import Wording, texts_of
from core.settings.base import FROZEN
from core.settings.zero_shot import unit_rows
from core.study import layout
from core.study.arrays import finite_problems, open_array, shape_problems

if TYPE_CHECKING:
    from core.study import Study

_FIELDS: Final = tuple(Wording.__dataclass_fields__)
_AGAIN: Final = "Run `python -m core prompts STUDY --again`, which replaces it."


@dataclass(frozen=True, eq=False)
class AskedPrompts:
    """Wordings of every class, with the embeddings of their prompts.

    texts : each prompt once.
    vectors : (n_texts, d) float32, un-normalised.
    notes : sentences on prompts that the model cannot read as they are meant.
    """

    wordings: tuple[Wording, ...]
    texts: tuple[str, ...]
    vectors: FloatArray
    notes: tuple[str, ...] = ()

    @cached_property
    def units(self) -> FloatArray:
        """Give the embeddings at length 1."""
        return unit_rows(self.vectors, "text embedding")

    @cached_property
    def rows(self) -> tuple[IntArray, IntArray]:
        """Give (n_wordings,) rows of the prompts that affirm, and of those that deny."""
        place = {text: row for row, text in enumerate(self.texts)}
        sides = [(place[one.present], place[one.absent]) for one in self.wordings]
        table = np.array(sides, dtype=np.intp).reshape(len(sides), 2)
        return table[:, 0], table[:, 1]

    def parts(self) -> dict[str, FloatArray | bytes]:
        """Give what a study keeps of it, by part."""
        content = {"wordings": [asdict(one) for one in self.wordings], "notes": list(self.notes)}
        text = json.dumps(content, indent=1, ensure_ascii=False)
        return {layout.WORDINGS: text.encode(), layout.WORDING_EMBEDDINGS: self.vectors}


def asked_prompts(study: Study) -> AskedPrompts | None:
    """Read the wordings that a study keeps; None where it keeps none.

    Raises StudyError where they are not what this project writes, or do not fit the study.
    """
    if not (study.has(layout.WORDINGS) and study.has(layout.WORDING_EMBEDDINGS)):
        return None
    path = study.path(layout.WORDINGS)
    with reading(path, "does not list wordings", remedy=_AGAIN):
        content = json.loads(path.read_text(encoding="utf-8"))
        wordings = tuple(_wording(row) for row in content["wordings"])
        notes = tuple(str(note) for note in content["notes"])
    unknown = sorted({one.finding for one in wordings} - set(study.classes))
    if unknown:
        raise StudyError(f"{path}: asks about {unknown[0]!r}, which is no class of the study.", remedy=_AGAIN)
    texts = texts_of(wordings)
    return AskedPrompts(wordings, texts, _vectors(study, texts), notes)


def _wording(row: dict[str, str]) -> Wording:
    fields = {name: row[name] for name in _FIELDS}
    if not all(isinstance(value, str) for value in fields.values()):
        raise ValueError("a wording has a field that is no text")
    return Wording(**fields)


def _vectors(study: Study, texts: Sequence[str]) -> FloatArray:
    path = study.path(layout.WORDING_EMBEDDINGS)
    array = open_array(path, remedy=_AGAIN)
    shape = len(texts), study.manifest.encoders[FROZEN.name].n_dimensions
    problems = [
        *shape_problems(path, array, shape, "distinct prompts by dimensions of the frozen encoder"),
        *(finite_problems(path, array, texts, None, _AGAIN) if array.shape == shape else ()),
    ]
    for problem in problems:
        raise problem
    return array
