"""How scores become decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray


class DecisionRule(Protocol):
    """Scores in, decisions out."""

    @property
    def description(self) -> str:
        """Give the rule in words, to stand in a sentence after "positive where"."""

    def decide(self, scores: FloatArray) -> BoolArray:
        """Turn (n_films, n_classes) scores into decisions of the same shape; False where there is no score (NaN)."""


@dataclass(frozen=True, eq=False)
class PerClassThresholds:
    """A class is positive where its score is at least its threshold.

    thresholds : (n_classes,) float64; NaN = the class has none and is never positive.
    """

    thresholds: FloatArray
    description: str = "the score is at least the threshold of the class"

    def decide(self, scores: FloatArray) -> BoolArray:
        """Turn (n_films, n_classes) scores into decisions, compared in double precision."""
        return np.asarray(scores, dtype=np.float64) >= np.asarray(self.thresholds, dtype=np.float64)


@dataclass(frozen=True)
class Above:
    """A class is positive where its score is above one cut, the same for all (the paper's per-class table)."""

    cut: float = 0.0

    @property
    def description(self) -> str:
        """Give the rule in words."""
        return f"the score is above {self.cut:g}"

    def decide(self, scores: FloatArray) -> BoolArray:
        """Turn (n_films, n_classes) scores into decisions."""
        return np.asarray(scores, dtype=np.float64) > self.cut


@dataclass(frozen=True)
class RowMinMax:
    """Each film's scores are scaled to 0..1 on their own, then cut (the paper's overall table).

    A film whose scores are all the same is scaled to 0, as scikit-learn's minmax_scale does, and gets no label;
    any other film gets at least one label and lacks at least one.
    """

    cut: float = 0.5

    @property
    def description(self) -> str:
        """Give the rule in words."""
        return f"the score, scaled to 0..1 within its film, is at least {self.cut:g}"

    def decide(self, scores: FloatArray) -> BoolArray:
        """Turn (n_films, n_classes) scores into decisions."""
        scores = np.asarray(scores, dtype=np.float64)
        low = np.fmin.reduce(scores, axis=1, keepdims=True)
        span = np.fmax.reduce(scores, axis=1, keepdims=True) - low
        scaled = np.divide(scores - low, span, out=np.zeros_like(scores), where=span > 0)
        return np.asarray(scaled >= self.cut)


@dataclass(frozen=True)
class TopK:
    """A film is positive for its k highest classes; of tied ones, for the first in class order."""

    k: int = 1

    @property
    def description(self) -> str:
        """Give the rule in words."""
        return (
            f"the class is among the {self.k} highest of its film" if self.k > 1 else "the class is its film's highest"
        )

    def decide(self, scores: FloatArray) -> BoolArray:
        """Turn (n_films, n_classes) scores into decisions."""
        scores = np.asarray(scores, dtype=np.float64)
        best = np.argsort(-scores, axis=1, kind="stable")[:, : self.k]
        decisions = np.zeros(scores.shape, dtype=np.bool_)
        np.put_along_axis(decisions, best, True, axis=1)
        return decisions & ~np.isnan(scores)
