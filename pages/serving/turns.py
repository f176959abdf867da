"""Turns at the models that this process has loaded: one look after another, and the place in the line on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import get_run_yield_check

from core.turns import Line
from core.words import count_words

MAPS: Final = Line("maps and films of their own", most=48)
"""What takes about a second: the maps of a film, and scores of a film of one's own."""
LONG: Final = Line("what takes many passes of a model", most=12)
"""What takes longer, apart, so that no map waits for it."""
LINES: Final = (MAPS, LONG)
_LOOK: Final[ContextVar[ExitStack | None]] = ContextVar("look", default=None)
Made = TypeVar("Made")


class NoTurnError(Exception):
    """A model is asked by a thread that has no turn; `within` takes one and asks again."""


def need() -> None:
    """Raises NoTurnError where this thread has no turn: the first line of what asks a model, and may be cached."""
    if not any(line.is_held for line in LINES):
        raise NoTurnError


@contextmanager
def one_look(words: str) -> Iterator[None]:
    """A spinner around all that one click asks of a model: one turn, taken where the first thing is not there yet."""
    with st.spinner(words), ExitStack() as stack:
        before = _LOOK.set(stack)
        try:
            yield
        finally:
            _LOOK.reset(before)


def within(line: Line, make: Callable[[], Made]) -> Made:
    """What a function makes; where that needs a turn, it is waited for. Raises BusyError where too many wait."""
    try:
        return make()
    except NoTurnError:
        pass
    with turn(line):
        return make()


@contextmanager
def turn(line: Line) -> Iterator[None]:
    """Wait for a turn and have it within, or to the end of the look. Raises BusyError where too many wait."""
    with ExitStack() as own:
        (_LOOK.get() or own).enter_context(_waited_for(line))
        yield


@contextmanager
def _waited_for(line: Line) -> Iterator[None]:
    """A turn for this session; while it waits, the page says how many are before. A run that was called off leaves."""
    context, leave = get_script_run_ctx(suppress_warning=True), get_run_yield_check()
    with ExitStack() as held:
        with _Place() as place:

            def tell(n_before: int) -> None:
                if leave is not None:
                    leave()
                place.say(n_before)

            held.enter_context(line.turn("" if context is None else context.session_id, tell))
        yield


class _Place(ExitStack):
    """What the page says of a place in the line, until the turn comes; it takes no room of what follows."""

    _said: int | None = None

    def say(self, n_before: int) -> None:
        """Say it where it is another than before."""
        if n_before != self._said:
            self.close()
            self.enter_context(st.spinner(f"{count_words(n_before)} before you"))
            self._said = n_before
