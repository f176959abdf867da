"""Opening an address in a session that is under way: what it shows is what a new window would show."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlsplit

import streamlit as st

from pages.meeting.access import address_of_host, is_loopback
from pages.shared import navigation, selection

KEPT: Final = "meeting"
"""What the keys of the session begin with that outlive an arrival."""
_ASKED: Final = "meeting-asked"


def ask(address: str) -> None:
    """Let the next run open an address, "thresholds?study=phantom"; within a callback."""
    st.session_state[_ASKED] = address


def go_where_asked() -> None:
    """Open what was asked for, once: every choice of this session is forgotten, and the address says all."""
    address: str | None = st.session_state.pop(_ASKED, None)
    if address is None:
        return
    page, _, query = address.partition("?")
    stem = page if page in [entry.stem for entry in navigation.PAGES] else navigation.PAGES[0].stem
    for name in [str(name) for name in st.session_state]:
        if not name.startswith((KEPT, navigation.IN_MENU, selection.ARRIVALS)):
            del st.session_state[name]
    st.session_state[selection.ARRIVALS] = st.session_state.get(selection.ARRIVALS, 0) + 1
    st.switch_page(navigation.file_of(stem), query_params=parse_qs(query, keep_blank_values=True))


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
