"""Films that show what a setting does with a class: one found, one missed, one false alarm, one rightly silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from core.datasets.films import can_render
from core.findings import NO_FINDING
from core.metrics.arrays import BoolArray, IntArray
from core.metrics.classification import OUTCOMES, outcomes

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds import ThresholdSet

SHOWN: Final = ("TP", "FN", "FP", "TN")
"""The outcomes of the examples, in their order."""
_MOST_TRIED: Final = 40


@dataclass(frozen=True)
class ExampleFilm:
    """One film.

    outcome : of OUTCOMES.
    row : of the study.
    n : how many films came out like it.
    """

    outcome: str
    row: int
    n: int


def example_films(study: Study, chosen: ThresholdSet, rows: IntArray) -> tuple[str, tuple[ExampleFilm, ...]]:
    """Choose a class and, of every outcome that it has, the clearest film that can be shown.

    chosen : decides, and names the setting.  rows : (n,) of the study, among which examples are sought.
    The class is the most frequent one with all four outcomes, else the one with most of them; No Finding is none.
    Clearest is the highest score of those called positive and the lowest of the others; of the 40 clearest, films on
    which a reader drew the class come first. Returns ("", ()) where nothing is decided.
    """
    scores = np.asarray(study.scores(chosen.setting)[rows], dtype=np.float64)
    codes = outcomes(study.labels[rows], chosen.decided(scores))
    can_show = _can_show(study, rows)
    counts = np.stack([((codes == OUTCOMES.index(name)) & can_show[:, None]).sum(axis=0) for name in SHOWN])
    best = _telling(study, (counts > 0).sum(axis=0), (study.labels[rows] == 1).sum(axis=0))
    if best is None:
        return "", ()
    found = []
    for name in SHOWN:
        places = np.flatnonzero(codes[:, best] == OUTCOMES.index(name))
        can = places[can_show[places]]
        if len(can):
            clear = np.argsort(-scores[can, best] if name in ("TP", "FP") else scores[can, best], kind="stable")
            row = _drawn_first(study, study.classes[best], rows[can[clear]])
            found.append(ExampleFilm(name, row, len(places)))
    return study.classes[best], tuple(found)


def _telling(study: Study, n_kinds: npt.NDArray[np.int_], n_positive: npt.NDArray[np.int_]) -> int | None:
    """The place of the class to show; None where none has any outcome."""
    places = [place for place, name in enumerate(study.classes) if name != NO_FINDING and n_kinds[place] > 0]
    return max(places, key=lambda place: (n_kinds[place], n_positive[place], -place), default=None)


def _can_show(study: Study, rows: IntArray) -> BoolArray:
    """(n,) whether there are pixels of a film."""
    stored: BoolArray = study.images["file"].notna().to_numpy()[rows]
    return stored | can_render(study)


def _drawn_first(study: Study, finding: str, rows: IntArray) -> int:
    """The first of some films on which a reader drew the class, looking at the first few; else the first of all."""
    annotated = set(study.annotated_ids())
    for row in rows[:_MOST_TRIED].tolist():
        image_id = study.image_ids[row]
        if image_id in annotated and any(one.finding == finding for one in study.annotations(image_id)):
            return int(row)
    return int(rows[0])
