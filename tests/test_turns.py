"""Turns: one at a time, fair to all who ask whatever one of them sends, bounded, and left by who goes away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from core.turns import BusyError, Line

WAIT_S = 20


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)


class Crowd:
    """Those who ask, each request a thread, in the order in which they come; `served` is the order of their turns."""

    def __init__(self, line: Line) -> None:
        self.line, self.served, self.told = line, list[str](), dict[str, list[int]]()
        self.refused: dict[str, str] = {}
        self.n_inside, self.most_inside = 0, 0
        self._threads: list[threading.Thread] = []
        self._gone: set[str] = set()

    def ask(self, who: str, name: str) -> None:
        """One request; returns when it stands in the line, or has been refused."""
        n_before = self.line.n_waiting
        self._threads.append(threading.Thread(target=self._turn, args=(who, name), daemon=True))
        self._threads[-1].start()
        until(lambda: self.line.n_waiting == n_before + 1 or name in self.refused)

    def go_away(self, name: str) -> None:
        """The request is given up; returns when it stands there no more."""
        n_before = self.line.n_waiting
        self._gone.add(name)
        until(lambda: self.line.n_waiting == n_before - 1)

    def all_served(self) -> list[str]:
        for thread in self._threads:
            thread.join(WAIT_S)
            assert not thread.is_alive()
        return self.served

    def _turn(self, who: str, name: str) -> None:
        def tell(n_before: int) -> None:
            self.told.setdefault(name, []).append(n_before)
            if name in self._gone:
                raise TimeoutError

        try:
            with self.line.turn(who, tell):
                self.n_inside += 1
                self.most_inside = max(self.most_inside, self.n_inside)
                self.served.append(name)
                time.sleep(0.001)
                self.n_inside -= 1
        except TimeoutError:
            return
        except BusyError as error:
            self.refused[name] = str(error)


@pytest.fixture
def crowd() -> Crowd:
    return Crowd(Line("maps", most=100))


@contextmanager
def somebody_inside(line: Line) -> Iterator[None]:
    with line.turn("somebody"):
        yield


def test_a_second_request_waits_behind_another_s_first(crowd: Crowd) -> None:
    with somebody_inside(crowd.line):
        for name in ("a1", "a2", "a3", "b1", "c1", "b2"):
            crowd.ask(name[0], name)
    assert crowd.all_served() == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert crowd.most_inside == 1


def test_who_was_just_served_waits_behind_who_was_not(crowd: Crowd) -> None:
    with crowd.line.turn("a"):
        crowd.ask("a", "a2")
        crowd.ask("b", "b1")
    assert crowd.all_served() == ["b1", "a2"]


def test_nobody_is_made_up_for_the_time_in_which_he_asked_nothing(crowd: Crowd) -> None:
    """40 turns of another do not give 40 to who comes later."""
    for _ in range(40):
        with crowd.line.turn("a"):
            pass
    with crowd.line.turn("a"):
        for name in ("b1", "b2", "b3", "a1"):
            crowd.ask(name[0], name)
    assert crowd.all_served() == ["b1", "b2", "a1", "b3"]


def test_who_waits_is_told_how_many_are_before(crowd: Crowd) -> None:
    with somebody_inside(crowd.line):
        for who in "abc":
            crowd.ask(who, who)
        assert crowd.line.is_busy
        until(lambda: all(who in crowd.told for who in "abc"))
    crowd.all_served()
    assert {who: crowd.told[who][0] for who in "abc"} == {"a": 1, "b": 2, "c": 3}
    assert all(places == sorted(places, reverse=True) for places in crowd.told.values())
    assert (crowd.line.is_busy, crowd.line.n_waiting) == (False, 0)


def test_beyond_the_bound_a_sentence() -> None:
    crowd = Crowd(Line("maps", most=2))
    with somebody_inside(crowd.line):
        crowd.ask("a", "a1")
        crowd.ask("b", "b1")
        crowd.ask("c", "c1")
        assert crowd.refused == {"c1": "2 others wait for maps already. Ask again in a minute."}
        assert crowd.line.n_waiting == 2
    assert crowd.all_served() == ["a1", "b1"]
    with crowd.line.turn("c"):
        assert crowd.line.is_held


def test_who_goes_away_is_not_waited_for_and_is_counted_no_turn(crowd: Crowd) -> None:
    """A reader who looks through films calls one look off with the next."""
    with somebody_inside(crowd.line):
        crowd.ask("a", "a1")
        crowd.go_away("a1")
        crowd.ask("a", "a2")
        crowd.go_away("a2")
        crowd.ask("a", "a3")
        crowd.ask("b", "b1")
    assert crowd.all_served() == ["a3", "b1"]


def test_a_turn_ends_with_an_error_and_may_be_asked_for_within_itself(crowd: Crowd) -> None:
    with pytest.raises(ZeroDivisionError), crowd.line.turn("a"), crowd.line.turn("a"):
        raise ZeroDivisionError
    assert not crowd.line.is_busy
    with crowd.line.turn("b"):
        assert crowd.line.is_held


def test_what_is_kept_of_those_who_asked_is_bounded(crowd: Crowd) -> None:
    for number in range(100):
        with crowd.line.turn(f"session {number}"):
            pass
    assert not crowd.line._next_round
