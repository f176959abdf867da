"""Turns at what a process has only once, such as its loaded model: fair to all who ask, and bounded.

Of those who wait, who was served least goes first: a second request of one waits behind the first of another, however
many the one sends. Source: start-time fair queueing with turns of equal weight (Goyal, Vin, Cheng, SIGCOMM 1996).
"""

from __future__ import annotations

import threading
from bisect import insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Final

from core.errors import CoreError
from core.words import count_words

BEAT_S: Final = 0.25
"""How often who waits is told how many are before."""


class BusyError(CoreError):
    """As many wait as may; who comes later is told so, and nothing is wrong."""


@dataclass(frozen=True, order=True)
class _Place:
    """A place in the line. round : how many turns of its own come before it, counted as fairness has it."""

    round: int
    arrival: int


class Line:
    """A line before one thing. Safe to use from several threads; who holds the turn may ask again and has it."""

    def __init__(self, what: str, *, most: int) -> None:
        """Begin with nobody. what : what is waited for, as a plural noun.  most : how many may wait."""
        self._what, self._most = what, most
        self._changed = threading.Condition()
        self._waiting: list[_Place] = []
        self._holder: int | None = None
        self._round = 0
        self._next_round: dict[str, int] = {}
        self._arrivals = count()

    @property
    def n_waiting(self) -> int:
        """Count who waits, without the one that has the turn."""
        return len(self._waiting)

    @property
    def is_busy(self) -> bool:
        """Tell whether somebody has the turn."""
        return self._holder is not None

    @property
    def is_held(self) -> bool:
        """Tell whether this thread has the turn."""
        return self._holder == threading.get_ident()

    @contextmanager
    def turn(self, who: str, tell: Callable[[int], None] = lambda _: None) -> Iterator[None]:
        """Wait for the turn and have it within.

        who : by whom turns are counted.
        tell : told how many are before, every BEAT_S while waiting; what it raises ends the wait and comes out here.
        Raises BusyError where as many wait as may.
        """
        if self.is_held:
            yield
            return
        place = self._join(who)
        try:
            while not self._begins(place):
                tell(self._before(place))
        except BaseException:
            self._leave(place, who)
            raise
        try:
            yield
        finally:
            self._end()

    def _join(self, who: str) -> _Place:
        with self._changed:
            if len(self._waiting) >= self._most:
                raise BusyError(
                    f"{count_words(len(self._waiting))} others wait for {self._what} already.",
                    remedy="Ask again in a minute.",
                )
            place = _Place(max(self._round, self._next_round.get(who, 0)), next(self._arrivals))
            self._next_round[who] = place.round + 1
            insort(self._waiting, place)
            return place

    def _begins(self, place: _Place) -> bool:
        """Take the turn if it comes within BEAT_S."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._holder is None and self._waiting[0] == place, BEAT_S):
                return False
            self._waiting.pop(0)
            self._holder, self._round = threading.get_ident(), place.round
            self._next_round = {who: later for who, later in self._next_round.items() if later > place.round}
            return True

    def _end(self) -> None:
        """Let the next one have it; where nobody waits, everybody begins alike."""
        with self._changed:
            self._holder = None
            if not self._waiting:
                self._next_round.clear()
            self._changed.notify_all()

    def _before(self, place: _Place) -> int:
        with self._changed:
            return self._waiting.index(place) + self.is_busy

    def _leave(self, place: _Place, who: str) -> None:
        """Give a place up: it counts as no turn."""
        with self._changed:
            self._waiting.remove(place)
            if self._next_round.get(who) == place.round + 1:
                self._next_round[who] = place.round
            self._changed.notify_all()
