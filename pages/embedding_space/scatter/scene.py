"""What the map shows: where films lie, how they are coloured, which are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from core.figures.theme import BLUE, GREY, ORANGE, PINK, TEAL, VIOLET
from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.space.colouring import SEVERAL, UNREAD, Colouring

_COLOURS: Final = (BLUE, ORANGE, TEAL, VIOLET, PINK, "#b8a125")
_VERMILION: Final = "#d7301f"
"""Dark enough to stand out where red and green look alike, on light and on dark."""
_SHAPES: Final = ("circle", "square", "diamond", "triangle", "cross", "ring")
UNDEFINED: Final = 254
HIDDEN: Final = 255
MOST_GROUPS: Final = 16


@dataclass(frozen=True)
class DrawnGroup:
    """Films that look alike. title : with their number; empty = not in the legend.  is_ground : small and grey.

    is_foremost : larger than the others.  name : without the number, by which its films are looked at alone.
    """

    title: str
    colour: str
    shape: str
    is_ground: bool = False
    is_foremost: bool = False
    name: str = ""


@dataclass(frozen=True, eq=False)
class DrawnColours:
    """The colour of every film.

    values : (n,) uint16, a bit for each group of the film, 0 = not drawn; or, without groups, uint8: 0..253 from `low`
    to `high`, UNDEFINED, HIDDEN.  n_undefined : films in grey because they have no value.
    """

    title: str
    values: npt.NDArray[np.uint16] | npt.NDArray[np.uint8]
    groups: tuple[DrawnGroup, ...] = ()
    low: str = ""
    high: str = ""
    n_undefined: int = 0
    has_shares: bool = False


@dataclass(frozen=True)
class Panel:
    """One of the maps side by side. points, colours : which of the scene's."""

    title: str = ""
    note: str = ""
    points: int = 0
    colours: int = 0


@dataclass(frozen=True)
class Mark:
    """A name on the map, or an arrow with a name at its head; coordinates are the map's."""

    label: str
    start: tuple[float, float]
    end: tuple[float, float] | None = None
    panel: int = 0


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that the component draws.

    points : (n, 2) or (n, 3) each, all of the same number of dimensions; panels that lie side by side share one scale.
    row : what selections are numbered within.  picked : rows, None for none.  within, seq : see `map_state`.
    films : address below which a film's card is found by its row; None where there is none.
    view_key : the view is kept while this stays.  legend : None for that of the first colours.
    """

    points: tuple[FloatArray, ...]
    colours: tuple[DrawnColours, ...]
    panels: tuple[Panel, ...] = (Panel(),)
    marks: tuple[Mark, ...] = ()
    row: str = ""
    picked: IntArray | Sequence[int] | None = None
    within: str = ""
    seq: int = 0
    films: str | None = None
    view_key: str = ""
    height: int = 560
    min_width: int = 340
    legend: tuple[DrawnGroup, ...] | None = None


def drawn(colouring: Colouring, rows: IntArray) -> DrawnColours:
    """A colouring as it is drawn, of these rows only."""
    shown = np.zeros(len(colouring.codes), dtype=bool)
    shown[rows] = True
    if colouring.values is not None:
        return _scale(colouring, shown)
    return _groups(colouring, shown)


def _scale(colouring: Colouring, shown: BoolArray) -> DrawnColours:
    values = np.asarray(colouring.values, dtype=np.float64)
    there = shown & np.isfinite(values)
    low, high = (float(values[there].min()), float(values[there].max())) if there.any() else (0.0, 0.0)
    steps = np.full(len(values), UNDEFINED, dtype=np.uint8)
    steps[there] = np.round((values[there] - low) / ((high - low) or 1.0) * (UNDEFINED - 1))
    steps[~shown] = HIDDEN
    n_undefined = int((shown & ~there).sum())
    title = colouring.value_title or colouring.title
    return DrawnColours(title, steps, low=_short(low), high=_short(high), n_undefined=n_undefined)


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2f}"


def rows_of_group(colours: DrawnColours, name: str) -> IntArray | None:
    """The rows of the films that are drawn as a group's, ascending; None where the legend has no such group."""
    places = [place for place, group in enumerate(colours.groups) if group.name == name]
    return np.flatnonzero(colours.values & np.uint16(1 << places[0])) if places else None


def class_legend(colours: tuple[DrawnColours, ...]) -> tuple[DrawnGroup, ...]:
    """One legend for maps of one class each: their groups without names and numbers, each once."""
    words = {True: "without the class", False: "with the class"}
    found: dict[str, DrawnGroup] = {}
    for group in (group for one in colours for group in one.groups):
        title = "unlabelled" if group.title.startswith(f"{UNREAD} (") else words[group.is_ground]
        found.setdefault(title, replace(group, title=title))
    return tuple(found[title] for title in ("without the class", "unlabelled", "with the class") if title in found)


def _groups(colouring: Colouring, shown: BoolArray) -> DrawnColours:
    """One bit per group; films of no known group get a group of their own, at the bottom."""
    codes = np.asarray(colouring.codes)
    unknown = shown & (codes < 0)
    member = _members(colouring) & shown[:, None]
    titles = [*colouring.groups, "Not known"]
    member = np.column_stack([member, unknown])
    grounds = [index == colouring.ground for index in range(len(colouring.groups))] + [True]
    order = sorted(np.flatnonzero(member.any(axis=0)), key=lambda index: (not grounds[index], index))
    bits = np.zeros(len(codes), dtype=np.uint16)
    groups = []
    for place, index in enumerate(order[:MOST_GROUPS]):
        bits[member[:, index]] |= np.uint16(1 << place)
        number = int(member[:, index].sum())
        style = int(index) - sum(grounds[:index])  # by its place among all groups: the same whatever is shown
        is_foremost = index == colouring.foremost
        title = f"{titles[index]} ({number:,})"
        group = _foremost(title) if is_foremost else _group(title, style, is_ground=grounds[index])
        groups.append(replace(group, name=titles[index]))
    has_shares = bool((np.bitwise_count(bits) > 1).any())
    return DrawnColours(colouring.title, bits, tuple(groups), has_shares=has_shares)


def _members(colouring: Colouring) -> BoolArray:
    """(n, n_groups); a film of several groups is in each, and the group that stands for several is empty."""
    if colouring.members is None:
        return np.asarray(np.asarray(colouring.codes)[:, None] == np.arange(len(colouring.groups)))
    several = np.array([name == SEVERAL for name in colouring.groups])
    return np.where(several, False, colouring.members)


def _foremost(title: str) -> DrawnGroup:
    return DrawnGroup(title, _VERMILION, "diamond", is_foremost=True)


def _group(title: str, style: int, *, is_ground: bool) -> DrawnGroup:
    if is_ground:
        return DrawnGroup(title, GREY, "circle", is_ground=True)
    if title.startswith(f"{UNREAD} ("):
        return DrawnGroup(title, GREY, "ring")
    turn, place = divmod(style, len(_COLOURS))
    return DrawnGroup(title, _COLOURS[place], _SHAPES[(place + turn) % len(_SHAPES)])


STOPS: Final = (VIOLET, TEAL, "#e0a92b")
"""The colours of a continuous scale, low to high, seen on light and on dark."""
