"""Opening an address in a session that is under way: what it shows is what a new window would show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.meeting.access import address_of_host, is_loopback
from pages.shared import navigation, selection

FOLLOWS, PRESENTS, STORY = "meeting-follows", "meeting-presents", "meeting-story"
_KEPT: Final = (
    FOLLOWS, PRESENTS, STORY, "meeting-going", "meeting-arrived", navigation.IN_MENU, selection.ARRIVALS,
)  # fmt: skip
"""Of the session: what outlives an arrival."""
_GOING, _ARRIVED = "meeting-going", "meeting-arrived"
_MOST_TRIES: Final = 4


@dataclass
class _Going:
    """An address that is to be opened. at : names the question.  tries : how often the page was switched for it."""

    address: str
    at: float
    tries: int = 0

    @property
    def stem(self) -> str:
        """The page's."""
        page = self.address.partition("?")[0]
        return page if page in [entry.stem for entry in navigation.PAGES] else navigation.PAGES[0].stem

    @property
    def asked(self) -> dict[str, list[str]]:
        """What the address asks for."""
        return parse_qs(self.address.partition("?")[2], keep_blank_values=True)


def ask(address: str, at: float) -> None:
    """Let the next run open an address, "thresholds?study=phantom"; within a callback. at : names the question."""
    st.session_state[_GOING] = _Going(address, at)


def arrived() -> float:
    """The last question whose address was opened; 0 before."""
    return float(st.session_state.get(_ARRIVED, 0.0))


def go_where_asked(stem: str) -> None:
    """Open what was asked for: every choice of this session is forgotten, and the address says all.

    stem : the page that runs now. A run that another overtook on its way is asked for again.
    """
    going: _Going | None = st.session_state.get(_GOING)
    if going is None:
        return
    here = {name: st.query_params.get_all(name) for name in st.query_params}
    if going.tries and ((stem == going.stem and here == going.asked) or going.tries >= _MOST_TRIES):
        st.session_state[_ARRIVED] = going.at
        del st.session_state[_GOING]
        return
    going.tries += 1
    _forget()
    st.session_state[selection.ARRIVALS] = selection.arrival() + 1
    st.switch_page(navigation.file_of(going.stem), query_params=going.asked)


def _forget() -> None:
    """Begin the session anew but for what is kept, at once: a run that is called off forgets all of it, or nothing.

    Widgets are forgotten with what Streamlit knows of them: of one whose key alone was deleted, a browser that has not
    heard of it yet sends the value again, which counts as changed, and its callback would run.
    """
    kept = {name: st.session_state[name] for name in _KEPT if name in st.session_state}
    context = get_script_run_ctx()
    assert context is not None
    session = context.session_state
    with session._lock:
        session._yield_callback()
        session._state.clear()
        session._state._new_widget_state.widget_metadata.clear()
        for name, value in kept.items():
            session._state[name] = value


def base_address() -> str:
    """Where the app begins as others reach it: as this browser does, and in the network where that is this computer."""
    here = urlsplit(st.context.url or "http://localhost:8501")
    path = here.path.rstrip("/")
    before, _, last = path.rpartition("/")
    path = before if last in ["start", *(page.stem for page in navigation.PAGES)] else path
    is_reached = not is_loopback(str(st.get_option("server.address") or "0.0.0.0"))
    if is_loopback(here.hostname or "") and is_reached:
        return f"{address_of_host()}:{here.port or st.get_option('server.port')}{path}/"
    return f"{here.scheme}://{here.netloc}{path}/"
