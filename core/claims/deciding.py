"""Which choice decides a claim: the best tree of depth two over its choices, found by trying all that are of use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from core.claims.effects import CONTRADICTS, HOLDS, Int8Array
from core.metrics.arrays import BoolArray, FloatArray

LEAST_RIGHT: Final = 0.95
"""Share of the variants that tell, on either side, which a choice must sort for it to decide."""

Codes = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Question:
    """Whether the option of an axis is one of some. axis : its place.  options : their places."""

    axis: int
    options: tuple[int, ...]


@dataclass(frozen=True)
class Leaf:
    """What is said of the variants on one side of a question.

    question : one more, to whom it applies contradict; None where all are said to hold or to contradict.
    contradicts : which of the two, where nothing more is asked.
    """

    question: Question | None = None
    contradicts: bool = False


@dataclass(frozen=True)
class Tree:
    """A question, and what is said of those to whom it applies and of the others.

    right : share of both verdicts that it sorts, each counted as one half.
    """

    question: Question
    applies: Leaf
    others: Leaf
    right: float

    @property
    def decides(self) -> bool:
        """Tell whether it sorts enough to say that its choices decide."""
        return self.right >= LEAST_RIGHT

    @property
    def axes(self) -> tuple[int, ...]:
        """List the places of the axes that it asks about, each once."""
        more = [one.question.axis for one in (self.applies, self.others) if one.question is not None]
        return tuple(dict.fromkeys((self.question.axis, *more)))


def deciding_tree(codes: Codes, verdict: Int8Array) -> Tree | None:
    """Find what sorts the variants that hold from those that contradict; None where one kind is missing.

    codes : (V, A) the option of every axis.  verdict : (V,) of {1, -1, 0 = cannot be told, left out}.
    The first question takes single options, or those that contradict most often; the second, on either side, whichever
    options of another axis sort best. One question alone is taken where it sorts `LEAST_RIGHT`, or all that two do.
    """
    told = verdict != 0
    if not (verdict == HOLDS).any() or not (verdict == CONTRADICTS).any():
        return None
    search = _Search(codes[told], verdict[told])
    one = max(search.of_one(), key=_by_right)
    if one.decides:
        return one
    return max([one, *search.of_two()], key=_by_right)


def _by_right(tree: Tree) -> tuple[float, int]:
    return round(tree.right, 9), -len(tree.axes)


class _Search:
    """Weights of both verdicts by the options of two axes, which every tree is judged by."""

    def __init__(self, codes: Codes, verdict: Int8Array) -> None:
        self._codes = codes.astype(np.int64)
        self._against = verdict == CONTRADICTS
        n_against = int(np.count_nonzero(self._against))
        self._weights = np.where(self._against, 0.5 / n_against, 0.5 / (len(verdict) - n_against))
        self._sizes = [int(most) + 1 for most in codes.max(axis=0)]

    @cached_property
    def _axes(self) -> list[int]:
        """Those with several options; one, where no axis has."""
        several = [axis for axis in range(self._codes.shape[1]) if len(np.unique(self._codes[:, axis])) > 1]
        return several or [0]

    def _table(self, axis: int, other: int) -> FloatArray:
        """(2, options, options of the other): the weight that contradicts, and that holds."""
        n, m = self._sizes[axis], self._sizes[other]
        place = self._codes[:, axis] * m + self._codes[:, other]
        sides = [np.where(self._against == is_it, self._weights, 0.0) for is_it in (True, False)]
        sums = [np.bincount(place, side, n * m).astype(np.float64) for side in sides]
        return np.stack(sums).reshape(2, n, m)

    def of_one(self) -> Iterator[Tree]:
        """Yield the best single question of every axis."""
        for axis in self._axes:
            against, holding = self._table(axis, axis).sum(axis=2)
            options = tuple(np.flatnonzero(against > holding).tolist())
            right = float(np.maximum(against, holding).sum())
            yield Tree(Question(axis, options), Leaf(contradicts=True), Leaf(), right)

    def of_two(self) -> Iterator[Tree]:
        """Yield the best tree below every first question."""
        for axis in self._axes:
            tables = {other: self._table(axis, other) for other in self._axes if other != axis}
            for options in self._first(axis):
                is_in = np.isin(np.arange(self._sizes[axis]), options)
                (applies, first), (others, second) = (_best(tables, side) for side in (is_in, ~is_in))
                yield Tree(Question(axis, options), applies, others, first + second)

    def _first(self, axis: int) -> Iterator[tuple[int, ...]]:
        """Single options, and those that contradict most often."""
        against, holding = self._table(axis, axis).sum(axis=2)
        here = np.flatnonzero(against + holding > 0)
        order = here[np.argsort(-against[here] / (against + holding)[here], kind="stable")]
        yield from ((int(one),) for one in here)
        yield from (tuple(sorted(order[:end].tolist())) for end in range(2, len(order) - 1))


def _best(tables: dict[int, FloatArray], side: BoolArray) -> tuple[Leaf, float]:
    """What is best said of the variants on one side, and the weight that it sorts."""
    against = holding = 0.0
    found: list[tuple[float, Leaf]] = []
    for other, table in tables.items():
        both = table[:, side].sum(axis=1)
        against, holding = (float(one) for one in both.sum(axis=1))
        options = tuple(np.flatnonzero(both[0] > both[1]).tolist())
        found.append((float(both.max(axis=0).sum()), Leaf(Question(other, options))))
    plain = max(against, holding), Leaf(contradicts=against > holding)
    right, leaf = max([plain, *found], key=lambda one: round(one[0], 9))
    return leaf, right
