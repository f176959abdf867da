"""Which choice decides a claim: the best tree of two questions about its choices, found by trying all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.claims.effects import CONTRADICTS, HOLDS, Int8Array
from core.metrics.arrays import BoolArray

LEAST_RIGHT: Final = 0.95
"""Share of the variants that tell, on either side, which a choice must sort for it to decide."""

Codes = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Question:
    """Whether the option of an axis is one of some. axis : its place.  options : their places, fewer than all."""

    axis: int
    options: tuple[int, ...]

    def of(self, codes: Codes) -> BoolArray:
        """Ask it of variants (V, A)."""
        return np.isin(codes[:, self.axis], self.options)


@dataclass(frozen=True)
class Tree:
    """One question, and one more where the answer leaves both verdicts.

    question : those to whom it applies contradict the claim the more often.
    then : asked of those to whom it applies (True) or does not (False); None where nothing more is asked.
    right : share of both sides that it sorts, each counted as one half.
    """

    question: Question
    then: tuple[bool, Question] | None
    right: float

    @property
    def decides(self) -> bool:
        """Tell whether it sorts enough to say that its choices decide."""
        return self.right >= LEAST_RIGHT

    @property
    def axes(self) -> tuple[int, ...]:
        """List the places of the axes that it asks about."""
        return (self.question.axis,) if self.then is None else (self.question.axis, self.then[1].axis)


def deciding_tree(codes: Codes, verdict: Int8Array) -> Tree | None:
    """Find what sorts the variants that hold from those that contradict; None where one kind is missing.

    codes : (V, A) the option of every axis.  verdict : (V,) of {1, -1, 0 = cannot be told, left out}.
    A tree decides where it sorts `LEAST_RIGHT`; one question alone is taken where that does.
    Options of an axis are sorted by how often they hold and cut in two: for two verdicts no other way of putting them
    in two groups is better (Breiman et al., Classification and Regression Trees, 1984, section 4.2).
    """
    told = verdict != 0
    codes, verdict = codes[told], verdict[told]
    weights = _balanced(verdict)
    if weights is None:
        return None
    questions = list(_questions(codes, verdict))
    found = max((Tree(one, None, _right(one.of(codes), verdict, weights)) for one in questions), key=_by_right)
    if found.right >= LEAST_RIGHT:
        return found
    deeper = [tree for one in questions for tree in _deeper(one, codes, verdict, weights)]
    return max([found, *deeper], key=_by_right)


def _by_right(tree: Tree) -> tuple[float, int]:
    return round(tree.right, 12), -len(tree.question.options)


def _balanced(verdict: Int8Array) -> npt.NDArray[np.float64] | None:
    """Weights that make both verdicts count the same; None where one is missing."""
    n_holding, n_against = (int(np.count_nonzero(verdict == one)) for one in (HOLDS, CONTRADICTS))
    if not n_holding or not n_against:
        return None
    return np.where(verdict == HOLDS, 0.5 / n_holding, 0.5 / n_against)


def _questions(codes: Codes, verdict: Int8Array) -> Iterator[Question]:
    for axis in range(codes.shape[1]):
        options = np.unique(codes[:, axis])
        if len(options) < 2:
            continue
        share = [float((verdict[codes[:, axis] == one] == HOLDS).mean()) for one in options]
        order = options[np.argsort(share, kind="stable")]
        for end in range(1, len(order)):
            yield Question(axis, tuple(sorted(int(one) for one in order[:end])))


def _right(applies: BoolArray, verdict: Int8Array, weights: npt.NDArray[np.float64]) -> float:
    """The weight that is sorted where those to whom it applies contradict and the others hold."""
    return float(weights[applies == (verdict == CONTRADICTS)].sum())


def _deeper(question: Question, codes: Codes, verdict: Int8Array, weights: npt.NDArray[np.float64]) -> Iterator[Tree]:
    """The trees that ask one more question of one side."""
    applies = question.of(codes)
    for side in (True, False):
        rows = np.flatnonzero(applies == side)
        if len(set(verdict[rows].tolist())) < 2:
            continue
        for other in _questions(codes[rows], verdict[rows]):
            against = applies.copy()
            against[rows] = other.of(codes[rows])
            yield Tree(question, (side, other), _right(against, verdict, weights))
