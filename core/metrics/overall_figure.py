"""What a figure over all classes says of itself; the figures are in `overall_figures`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from core.metrics.arrays import MIN_POSITIVES
from core.metrics.cells import Numbers
from core.metrics.evidence import DecisionCounts, Evidence, Ranking

Better = Literal["higher", "lower"]


Place = Literal["results", "report", "comparison", "csv", "latex", "html", "deck"]


PLACES: Final[tuple[Place, ...]] = ("results", "report", "comparison", "csv", "latex", "html", "deck")
"""The results table; the report as text, as JSON and with intervals; settings in pairs; files; moving thresholds."""


@dataclass(frozen=True)
class Sizes:
    """What figures over all classes are over.

    n_true_labels, n_predicted_labels : over films and classes that were read; None where no decision could be made.
    n_classes_f1, n_classes_auroc : classes in the means.
    n_films : read for any class.
    n_films_matched : read for every class.
    n_films_ranked : in LRAP and coverage error.
    """

    n_true_labels: int
    n_predicted_labels: int | None
    n_classes_f1: int
    n_classes_auroc: int
    n_films: int
    n_films_matched: int
    n_films_ranked: int


@dataclass(frozen=True)
class OverallFigure:
    """One figure over all classes.

    name : its key in JSON and CSV.
    title, help : as shown, and what it means.
    better : which way is better; None where neither is.
    digits : after the point.
    over : what it is over, in words; "" where that goes without saying.
    of_decisions, of_ranking, of_setting : one of them computes it, NaN where it is undefined.
    has_interval : whether resamples give it one, which is based on `n` films or labels.
    beside : the name of the figure that it is to be read beside, on the deck.
    is_marked : whether the best and the worst of a table are marked.
    places : where it is shown, if its evidence is there.
    """

    name: str
    title: str
    help: str
    better: Better | None = "higher"
    digits: int = 3
    over: Callable[[Sizes], str] = lambda _: ""
    n: Callable[[Sizes], int] = lambda sizes: sizes.n_films
    of_decisions: Callable[[DecisionCounts], Numbers] | None = None
    of_ranking: Callable[[Ranking], Numbers] | None = None
    of_setting: Callable[[Evidence], float] | None = None
    has_interval: bool = True
    needs_positives: bool = False
    beside: str | None = None
    is_marked: bool = True
    places: tuple[Place, ...] = PLACES

    @property
    def heading(self) -> str:
        """Give the title with an arrow to the better side, which stays beside the last word."""
        arrow = {"higher": "\N{NO-BREAK SPACE}↑", "lower": "\N{NO-BREAK SPACE}↓", None: ""}[self.better]
        return f"{self.title}{arrow}"

    def of(self, evidence: Evidence) -> Numbers:
        """Compute the figure; NaN where the evidence for it is missing."""
        if self.of_decisions is not None:
            return math.nan if evidence.decisions is None else self.of_decisions(evidence.decisions)
        if self.of_ranking is not None:
            return math.nan if evidence.ranking is None else self.of_ranking(evidence.ranking)
        return math.nan if self.of_setting is None else self.of_setting(evidence)

    def is_in(self, evidence: Evidence) -> bool:
        """Tell whether decisions or rankings, whichever the figure follows from, are among the evidence."""
        is_decided = self.of_decisions is not None and evidence.decisions is not None
        return is_decided or (self.of_ranking is not None and evidence.ranking is not None)

    def stands_on(self, sizes: Sizes) -> int:
        """Count how many films or labels the figure stands on:
        the positive labels where they are too few for an interval.
        """
        is_few = self.needs_positives and sizes.n_true_labels < MIN_POSITIVES
        return sizes.n_true_labels if is_few else self.n(sizes)
