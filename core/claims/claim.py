"""What a claim is: a sentence, the two figures that it compares, and which way they are said to lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

Direction = Literal["above", "below", "near", "apart"]
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
"""The first figure is larger than the second, is smaller, differs by less than the margin, or by more."""

Reference = Literal["chance", "value"]
CHANCE: Final = "chance"
DIRECTION_WORDS: Final[Mapping[str, str]] = {
    "above": "is above",
    "below": "is below",
    "near": "is near",
    "apart": "differs from",
}


@dataclass(frozen=True)
class Claim:
    """One sentence, and how a study is asked whether it holds.

    name : by which it is known in files and addresses.
    source : where it was said.
    figures : of `core.claims.figures.FIGURES`; more than one is a choice that is open.
    first : the setting whose figure it is about.
    second : another setting, "chance" (a ranking that knows nothing), or a number.
    margin : by how much more than nothing the figures must differ; of "near", by how much they may.
    films : "all", or "several findings": only those with two positive labels or more.
    published : by axis, the choice that the source made; where the study offers it, that variant is marked.
    only : by axis, the options that are open; an axis that is not named has all of them.
    at_least : the share of the variants in which it has to hold for a check to pass, 0..1.
    """

    name: str
    sentence: str
    source: str
    figures: tuple[str, ...]
    first: str
    second: str | float
    direction: Direction = "above"
    margin: float = 0.0
    films: Literal["all", "several findings"] = "all"
    published: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at_least: float = 0.5

    @property
    def settings(self) -> tuple[str, ...]:
        """List the settings that it needs."""
        is_setting = isinstance(self.second, str) and self.second != CHANCE
        return (self.first, str(self.second)) if is_setting else (self.first,)
