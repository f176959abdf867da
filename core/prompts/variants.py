"""The study over all classes, all of them asked about in one way: how far the zero-shot row hangs on the words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.many_scores import many_aurocs
from core.metrics.overall_figure import OverallFigure
from core.metrics.overall_figures import Overall, overall_figures
from core.metrics.summary import summarise_overall
from core.metrics.threshold_counts import ThresholdCounts
from core.prompts.films import AskedFilms
from core.prompts.stored import AskedPrompts
from core.prompts.styles import STYLES
from core.thresholds.policies import policy_named

POLICY: Final = "max-f1"
"""How a variant's thresholds are chosen on val: as those of the study's own scores are unless asked otherwise."""


@dataclass(frozen=True)
class Variant:
    """All classes in one style, each by the same of its phrases (counted round where it has fewer).

    overall : the row over all classes on the films read; what follows from decisions is NaN without val films.
    """

    style: str
    rank: int
    overall: Overall


@dataclass(frozen=True)
class Variants:
    """Every variant, style by style."""

    rows: tuple[Variant, ...]

    def spread(self, figure: OverallFigure) -> tuple[float, float]:
        """Give the lowest and the highest value of a figure; NaN where no variant has it."""
        values = [one.overall.value(figure) for one in self.rows]
        defined = [value for value in values if not math.isnan(value)]
        return (min(defined), max(defined)) if defined else (math.nan, math.nan)

    def of_style(self, style: str) -> tuple[Variant, ...]:
        """List the variants of one style."""
        return tuple(one for one in self.rows if one.style == style)

    def spreads(self) -> dict[str, tuple[float, float]]:
        """Give the spread of every figure that hangs on scores, by its name."""
        figures = [one for one in overall_figures() if one.of_setting is None and one.better is not None]
        return {one.name: self.spread(one) for one in figures}


def variants_of(asked: AskedPrompts, classes: Sequence[str], fit: AskedFilms | None, read: AskedFilms) -> Variants:
    """Compute the row over all classes under every variant; a style in which a class is not asked about has none."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(asked.wordings):
        numbers.setdefault((one.style, one.finding), []).append(number)
    found = []
    for style in STYLES:
        of_class = {name: numbers.get((style.name, name), []) for name in classes}
        if all(of_class.values()):
            most = max(map(len, of_class.values()))
            found += [Variant(style.name, rank, _overall(of_class, rank, fit, read)) for rank in range(most)]
    return Variants(tuple(found))


def _overall(of_class: Mapping[str, Sequence[int]], rank: int, fit: AskedFilms | None, read: AskedFilms) -> Overall:
    columns = [own[rank % len(own)] for own in of_class.values()]
    scores = read.margins[:, columns].astype(np.float64)
    decisions = None if fit is None else scores >= _thresholds(fit.margins[:, columns], fit.labels)
    aurocs = [float(many_aurocs(read.labels[:, i], scores[:, [i]])[0]) for i in range(len(columns))]
    return summarise_overall(read.labels, scores, decisions, aurocs=aurocs, distances=None, minutes=None)


def _thresholds(margins: FloatArray, labels: FloatArray) -> FloatArray:
    """(C,); NaN for a class without a threshold, which is never predicted."""
    policy = policy_named(POLICY)
    fitted = [policy.fit(ThresholdCounts.from_scores("", labels[:, i], margins[:, i])) for i in range(margins.shape[1])]
    return np.array([math.nan if one is None else one for one in fitted])
