"""The positions of the truth dial: every convention under which the readings of a study may be read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.labels.convention import BLANKS, UNCERTAINS, Convention
from core.labels.readings import NOT_MENTIONED, UNCERTAIN, Readings

_RULES: Final = ("any", "majority", "all")
_MOST_READERS: Final = 5
"""Readers up to which each alone is a position."""


@dataclass(frozen=True)
class DialAxes:
    """What can be turned for the labels of one source. An axis of one option changes nothing.

    blanks, uncertains : both or all options where a label says so, else the one in use.
    readers : any, majority and all where some film has several, and each reader alone where there are at most 5.
    """

    source: str
    blanks: tuple[str, ...]
    uncertains: tuple[str, ...]
    readers: tuple[str, ...]

    def positions(self) -> Iterator[Convention]:
        """Yield every combination."""
        for blank, uncertain, readers in itertools.product(self.blanks, self.uncertains, self.readers):
            yield Convention(blank, uncertain, readers, self.source)  # type: ignore[arg-type]


def axes_of(readings: Readings, source: str, used: Convention) -> DialAxes:
    """Find what can be turned for one source. used : the convention in use, whose options stand where none changes
    anything.
    """
    chosen = readings.sources == source
    codes, films = readings.codes[chosen], readings.films[chosen]
    names = readings.reader_names(source)
    several = len(films) > len(np.unique(films))
    alone = tuple(f"one {name}" for name in names) if len(names) <= _MOST_READERS and all(names) else ()
    rules = (*_RULES, *alone) if several else ("any",)
    if used.readers not in rules and several and (used.reader is None or used.reader in names):
        rules = (used.readers, *rules)
    return DialAxes(
        source,
        BLANKS if (codes == NOT_MENTIONED).any() else (used.blank,),
        UNCERTAINS if (codes == UNCERTAIN).any() else (used.uncertain,),
        rules,
    )


def positions_of(readings: Readings, used: Convention) -> tuple[Convention, ...]:
    """List every position of the dial, sources in their order; the one in use is among them."""
    axes = [axes_of(readings, source, used) for source in readings.source_names]
    return tuple(position for one in axes for position in one.positions())


def position_in_use(readings: Readings, used: Convention) -> Convention:
    """Find the position that a convention is: its source by name, and "any" where no film has several readers."""
    source = used.source or readings.source_names[0]
    axes = axes_of(readings, source, used)
    readers = used.readers if used.readers in axes.readers else axes.readers[0]
    return Convention(used.blank, used.uncertain, readers, source)


def words_of(position: Convention, axes: DialAxes) -> str:
    """Say what a position is by the options that can be turned, "adjudicated, uncertain as positive"."""
    parts = [position.source or ""]
    if len(axes.blanks) > 1:
        parts.append("not mentioned as negative" if position.blank == "negative" else "not mentioned left out")
    if len(axes.uncertains) > 1:
        parts.append("uncertain left out" if position.uncertain == "left out" else f"uncertain as {position.uncertain}")
    if len(axes.readers) > 1:
        parts.append(_readers_words(position))
    return ", ".join(part for part in parts if part)


def _readers_words(position: Convention) -> str:
    known = {"any": "any reader", "majority": "most readers", "all": "all readers"}
    if position.reader is not None:
        return f"reader {position.reader} alone"
    return known.get(position.readers, f"{position.at_least} readers or more")
