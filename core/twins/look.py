"""What the models make of a film and of its twin: scores, how far they moved, and decisions that turned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.metrics.arrays import FloatArray
from core.models.arrays import Float32Array
from core.own_film.scorer import FilmScorer
from core.settings.titles import setting_title
from core.study.read import Study
from core.thresholds.sets import ThresholdSet
from core.twins.pair import TwinPair
from core.words import number_words, signed_words, unbroken


@dataclass(frozen=True)
class Flips:
    """The decisions of a setting that are others on the twin.

    gained, lost : classes that are predicted on the twin alone, and on the film alone.
    """

    setting: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        gained = f"predicted on the twin: {', '.join(self.gained)}" if self.gained else ""
        lost = f"no longer predicted: {', '.join(self.lost)}" if self.lost else ""
        return f"{setting_title(self.setting)}, {'; '.join(filter(None, (gained, lost)))}."


@dataclass(frozen=True, eq=False)
class TwinScores:
    """Scores of a film and its twin.

    before, after : by setting, (C,) raw; NaN for a class that it was never trained on.
    moved : by setting, (C,) the twin's minus the film's in standard deviations over the films of the film's split.
    flips : decisions that turned, of the settings that have any.
    """

    classes: tuple[str, ...]
    before: Mapping[str, Float32Array]
    after: Mapping[str, Float32Array]
    moved: Mapping[str, FloatArray]
    flips: tuple[Flips, ...]


def look_at_pair(
    study: Study, image_id: str, pair: TwinPair, scorer: FilmScorer, thresholds: Mapping[str, ThresholdSet]
) -> TwinScores:
    """Score a film and its twin in every setting whose model is here, and decide both by the same thresholds."""
    scores = scorer.scores([pair.film.pixels, pair.twin.pixels])
    before = {setting: values[0] for setting, values in scores.items()}
    after = {setting: values[1] for setting, values in scores.items()}
    rows = study.rows(str(study.images["split"].iloc[study.row_of(image_id)]))
    moved, flips = {}, []
    for setting in scores:
        spread = np.std(np.asarray(study.scores(setting)[rows], dtype=np.float64), axis=0)
        moved[setting] = (after[setting] - before[setting]) / np.where(spread > 0, spread, np.nan)
        flips.append(_flips(study.classes, setting, before[setting], after[setting], thresholds[setting]))
    turned = tuple(entry for entry in flips if entry.gained or entry.lost)
    return TwinScores(study.classes, before, after, moved, turned)


def scores_table(found: TwinScores) -> pd.DataFrame:
    """Lay out one row per class: for every setting the film's score, the twin's, and how far it moved; Markdown, bold
    where the decision turned.
    """
    turned = {entry.setting: {*entry.gained, *entry.lost} for entry in found.flips}
    columns: dict[str, list[str]] = {}
    for setting in found.before:
        title, bold = setting_title(setting), turned.get(setting, set())
        pairs = zip(found.classes, found.before[setting], found.after[setting], strict=True)
        texts = [(name, _from_to(float(before), float(after))) for name, before, after in pairs]
        columns[title] = [f"**{text}**" if name in bold else text for name, text in texts]
        columns[f"{title}, SD"] = [signed_words(float(value), 2) for value in found.moved[setting]]
    return pd.DataFrame(columns, index=pd.Index(found.classes, name="Class"))


def _from_to(before: float, after: float) -> str:
    return unbroken(f"{number_words(before, 2)} → {number_words(after, 2)}")


def _flips(
    classes: tuple[str, ...], setting: str, before: Float32Array, after: Float32Array, chosen: ThresholdSet
) -> Flips:
    was, now = chosen.decided(np.stack([before, after]).astype(np.float64))
    gained = tuple(name for name, a, b in zip(classes, was, now, strict=True) if (a, b) == (0, 1))
    lost = tuple(name for name, a, b in zip(classes, was, now, strict=True) if (a, b) == (1, 0))
    return Flips(setting, gained, lost)
