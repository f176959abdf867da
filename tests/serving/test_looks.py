"""One look at a film is one turn at the models; the page says how many are before, and where too many wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import pytest

from core.paths import STUDIES
from core.turns import BusyError, Line
from pages.saliency import cache as maps_cache
from pages.serving import turns
from tests.pages.conftest import Open, components, open_page
from tests.test_turns import WAIT_S, until

__all__ = ["open_page"]

FILM = "phantom-00002"


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    made = Line("maps", most=5)
    monkeypatch.setattr(turns, "LINES", (made,))
    monkeypatch.setattr("core.turns.BEAT_S", 0.01)
    return made


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What spinners said, "-" before it where one ended."""
    words: list[str] = []

    @contextmanager
    def spinner(text: str) -> Iterator[None]:
        words.append(text)
        yield
        words.append(f"-{text}")

    monkeypatch.setattr(turns.st, "spinner", spinner)
    return words


@contextmanager
def another_has_it(line: Line) -> Iterator[None]:
    """Another session's look, until the end of the block."""
    begun, over = threading.Event(), threading.Event()

    def look() -> None:
        with line.turn("another"):
            begun.set()
            over.wait(WAIT_S)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    assert begun.wait(WAIT_S)
    try:
        yield
    finally:
        over.set()
        thread.join(WAIT_S)


@lru_cache
def made(name: str) -> str:
    """What asks a model, and is kept."""
    turns.need()
    return name.upper()


def test_a_look_is_one_turn_and_what_is_kept_needs_none(line: Line, said: list[str]) -> None:
    made.cache_clear()
    with turns.one_look("Looking"):
        assert not line.is_busy
        assert turns.within(line, lambda: made("a")) == "A"
        assert line.is_held
        assert turns.within(line, lambda: made("b")) == "B"
    assert not line.is_busy
    with pytest.raises(turns.NoTurnError):
        made("c")
    with another_has_it(line), turns.one_look("Looking"):
        assert turns.within(line, lambda: made("b")) == "B"  # though another is at the model
    assert turns.within(line, lambda: made("d")) == "D"
    assert not line.is_busy  # outside a look, a turn is for one thing
    assert said == ["Looking", "-Looking"] * 2


def test_the_page_says_how_many_are_before(line: Line, said: list[str]) -> None:
    with another_has_it(line):
        waiting = threading.Thread(target=_look, args=(line,), daemon=True)
        waiting.start()
        until(lambda: "1 before you" in said)
    waiting.join(WAIT_S)
    assert said == ["Looking", "1 before you", "-1 before you", "-Looking"]
    assert not line.is_busy


def _look(line: Line) -> None:
    with turns.one_look("Looking"), turns.turn(line):
        assert line.is_held


def test_a_run_that_is_called_off_leaves_the_line(line: Line, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def leave() -> None:
        raise InterruptedError

    monkeypatch.setattr(turns, "get_run_yield_check", lambda: leave)
    with another_has_it(line), pytest.raises(InterruptedError), turns.one_look("Looking"), turns.turn(line):
        pytest.fail("it had the turn")
    assert line.n_waiting == 0


def test_an_error_at_the_end_of_waiting_gives_the_turn_back(
    line: Line, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run may be called off by what takes the place in the line from the page, when the turn has come already."""

    def called_off(*_: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(turns._Place, "__exit__", called_off)
    with pytest.raises(InterruptedError), turns.turn(line):
        pytest.fail("it went on")
    assert not line.is_busy


def test_where_too_many_wait_the_page_says_so_and_shows_the_film(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    maps_cache._film_maps.clear()  # of tests before: what is kept waits for nobody
    monkeypatch.setattr(turns.MAPS, "_most", 0)
    page = open_page("saliency", STUDIES / "phantom", film=FILM, method="layer_cam")
    assert not page.exception
    assert not page.error
    assert [one.value for one in page.info if "others wait" in one.value] == [
        "0 others wait for maps and films of their own already. Ask again in a minute."
    ]
    assert [one.key for one in components(page) if not one.key.startswith("parcel")] == ["film_viewer"]
    monkeypatch.undo()


def test_the_sentence_is_no_error_elsewhere_either(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.shared import notices

    shown: list[str] = []
    monkeypatch.setattr(notices.st, "info", lambda text, **_: shown.append(text))
    monkeypatch.setattr(notices.st, "error", lambda *_, **__: pytest.fail("an error"))
    notices.show_error(BusyError("8 others wait for maps already.", remedy="Ask again in a minute."), title="None")
    assert shown == ["8 others wait for maps already. Ask again in a minute."]
