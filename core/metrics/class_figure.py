"""What a figure of a class says of itself; the figures are in `class_figures`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np

from core.metrics import cells
from core.metrics.arrays import BoolArray, FloatArray, IntArray, checked_labels
from core.metrics.cells import OfCells
from core.metrics.classification import Confusion
from core.metrics.count_intervals import share_interval, share_sums
from core.metrics.cumulative import CumulativeCounts, counts_and_steps
from core.metrics.intervals import Interval
from core.metrics.patients import Patients
from core.metrics.resampling import Resamples

Place = Literal["table", "groups", "report", "comparison", "csv", "latex", "html", "deck"]


PLACES: Final[tuple[Place, ...]] = ("table", "groups", "report", "comparison", "csv", "latex", "html", "deck")
"""The table of classes; groups of films; the report as text and JSON; settings in pairs; files; moving thresholds."""


@dataclass(frozen=True, eq=False)
class ClassFilms:
    """The films of one class. labels {0, 1, NaN = unread}, scores, decisions : (n_films,), with whose films they are.

    scores : None where only decisions are asked about.
    """

    labels: FloatArray
    decisions: BoolArray
    patients: Patients
    scores: FloatArray | None = None

    @cached_property
    def positive(self) -> BoolArray:
        """Tell which films are labelled positive."""
        return np.asarray(checked_labels(self.labels) == 1)

    @cached_property
    def negative(self) -> BoolArray:
        """Tell which films are labelled negative."""
        return np.asarray(checked_labels(self.labels) == 0)

    @cached_property
    def predicted(self) -> BoolArray:
        """Tell which of the films that were read are decided positive."""
        return ~np.isnan(self.labels) & self.decisions

    @cached_property
    def ranked(self) -> tuple[CumulativeCounts, IntArray]:
        """Give the counts at every cut, and the place of every film's score among them; sorted once for all figures."""
        return counts_and_steps(self.labels, self.known_scores)

    @property
    def known_scores(self) -> FloatArray:
        """Give the scores, where a figure of ranking is asked about."""
        if self.scores is None:
            raise ValueError("A figure of ranking needs scores, and these films came with decisions alone.")
        return self.scores

    def share_interval(self, hits: BoolArray, trials: BoolArray) -> Interval:
        """Compute Wilson's 95 % interval of a share of films, those of one patient counted together."""
        sums = share_sums(hits, trials, self.patients)
        return share_interval(sums, int(sums.trials))


@dataclass(frozen=True)
class ClassFigure:
    """One figure of a class.

    name : its key in JSON and CSV.
    title, help : as shown, and what it means.
    digits : after the point.
    of_decisions, of_ranking : one of them computes it, NaN where it is undefined.
    interval : 95 %, in closed form; None where there is none.
    resampled : of a ranking, over resamples: labels and scores (n_films, n_classes) to (n_resamples, n_classes).
        Without it settings are not compared by a figure of ranking.
    needs_negatives : whether a difference between settings stands on the rarer kind of film, not on the positives.
    is_zero_as_published : whether arXiv 2506.14136 takes it as 0 where it is undefined.
    is_steady : whether it stays as it is where a class is more frequent, so that groups can be compared by it.
    places : where it is shown, if its evidence is there.
    """

    name: str
    title: str
    help: str
    digits: int = 3
    of_decisions: OfCells | None = None
    of_ranking: Callable[[CumulativeCounts], float] | None = None
    interval: Callable[[ClassFilms], Interval] | None = None
    resampled: Callable[[FloatArray, FloatArray, Resamples], FloatArray] | None = None
    needs_negatives: bool = False
    is_zero_as_published: bool = False
    is_steady: bool = False
    places: tuple[Place, ...] = PLACES

    def of(self, confusion: Confusion | None, counts: CumulativeCounts) -> float:
        """Compute the figure; NaN where it rests on decisions and none could be made."""
        if self.of_ranking is not None:
            return self.of_ranking(counts)
        return math.nan if confusion is None or self.of_decisions is None else float(self.of_decisions(confusion))

    def of_cells(self, counts: cells.Cells) -> float:
        """Compute the figure from decisions alone; NaN where it follows from scores."""
        return math.nan if self.of_decisions is None else float(self.of_decisions(counts))

    def fewest(self, n_positive: int, n_negative: int) -> int:
        """Count how many films a difference of the figure between settings stands on."""
        return min(n_positive, n_negative) if self.needs_negatives else n_positive
