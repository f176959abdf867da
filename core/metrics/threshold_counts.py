"""One class's counts at every threshold: what sliders and policies look up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, ratios
from core.metrics.classification import Confusion
from core.metrics.cumulative import CumulativeCounts, cumulative_counts


@dataclass(frozen=True, eq=False)
class ThresholdCounts:
    """One class's counts at every threshold: any figure at any threshold is a look-up.

    There are k distinct scores and k + 1 steps: step j takes every film with a score of at least scores[j]; step k
    takes none.
    """

    finding: str
    cumulative: CumulativeCounts

    @classmethod
    def from_scores(cls, finding: str, labels: FloatArray, scores: FloatArray) -> ThresholdCounts:
        """Counts of one class; labels (n_films,) of {0, 1, NaN = unread, left out}, scores (n_films,)."""
        return cls(finding, cumulative_counts(labels, scores))

    @property
    def scores(self) -> FloatArray:
        """(k,) distinct scores, ascending, float64."""
        return self.cumulative.scores

    @property
    def n_positive(self) -> int:
        """Films labelled positive."""
        return self.cumulative.n_positive

    @property
    def n_negative(self) -> int:
        """Films labelled negative."""
        return self.cumulative.n_negative

    @property
    def true_positives(self) -> IntArray:
        """(k + 1,) positives at or above each step."""
        return self.cumulative.positives

    @property
    def false_positives(self) -> IntArray:
        """(k + 1,) negatives at or above each step."""
        return self.cumulative.negatives

    @cached_property
    def f1(self) -> FloatArray:
        """(k + 1,) F1 at each step, 0..1; NaN where there is neither a positive nor a prediction."""
        whole = self.true_positives + self.false_positives + self.n_positive
        return ratios(2.0 * self.true_positives, whole)

    def step(self, threshold: float) -> int:
        """The step of a threshold; of NaN, the step that takes no film."""
        return int(np.searchsorted(self.scores, np.float64(threshold), side="left"))

    def confusion(self, step: int) -> Confusion:
        """The counts at a step."""
        tp, fp = int(self.true_positives[step]), int(self.false_positives[step])
        return Confusion(tp, fp, self.n_positive - tp, self.n_negative - fp)

    def at(self, threshold: float) -> Confusion:
        """The counts where a film is positive from a score of `threshold` on."""
        return self.confusion(self.step(threshold))

    def threshold(self, step: int) -> float:
        """A threshold that gives a step: midway between its score and the next one below.

        A midpoint stays clear of both films, so that rounding to single precision or to text decides nothing. The
        lowest step takes the lowest score itself; the step that takes no film, the next double above the highest.
        """
        if step == self.scores.size:
            return math.nextafter(float(self.scores[-1]), math.inf) if step else math.nan
        score = float(self.scores[step])
        if step == 0:
            return score
        below = float(self.scores[step - 1])
        midway = below + (score - below) / 2
        return midway if below < midway <= score else score
