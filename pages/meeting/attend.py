"""What the app does of a meeting in every browser: presents, follows, or waits to be asked to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

from core.errors import RoomError
from core.room import Room
from pages.meeting import arrivals, stories
from pages.meeting.arrivals import FOLLOWS, PRESENTS
from pages.meeting.routes import FOLLOW, ROOMS
from pages.shared import notices, selection
from pages.shared.components import register

_HERE: Final = Path(__file__).resolve().parent
_KEY: Final = "meeting"
_REFUSED: Final = "meeting-refused"
_BROWSER: Final = register(
    "meeting", _HERE / "meeting.js", html='<div class="meeting"></div>', css=(_HERE / "meeting.css",)
)


def attend(stem: str) -> None:
    """Draw what every page has of a meeting; before the page, and before anything reads the address.

    stem : the page's name.
    """
    arrivals.go_where_asked(stem)
    _follow_link()
    room = presented()
    follows = st.session_state.get(FOLLOWS)
    selection.write(FOLLOW, follows)
    data: dict[str, Any] = {
        "presents": None if room is None else _presented(room),
        "follows": follows,
        "arrived": arrivals.arrived(),
        "base": arrivals.base_address(),
    }
    slides = stories.current().slides
    data["story"] = [{"address": slide.address, "sentence": stories.words_of(slide)} for slide in slides]
    events = {"arrive": _take_arrival, "resume": _resume, "left": _leave}
    _BROWSER(data=data, key=_KEY, **{f"on_{name}_change": called for name, called in events.items()})
    if refused := st.session_state.pop(_REFUSED, None):
        notices.show_error(refused, title="This room cannot be followed")


def presented() -> Room | None:
    """The room that this browser presents in, while it is open."""
    room: Room | None = st.session_state.get(PRESENTS)
    return room if room is not None and room.is_open else None


def last_presented() -> Room | None:
    """The room that this browser presented in last, open or closed: its minutes are still there."""
    room: Room | None = st.session_state.get(PRESENTS)
    return room


def short_address(room: Room) -> str:
    """The address by which others come in."""
    return f"{arrivals.base_address()}r/{room.key}"


@lru_cache(maxsize=16)
def qr_picture(address: str) -> str:
    """An address as a picture that a telephone reads: SVG, as an address that holds it."""
    import segno

    return str(segno.make(address, error="m").svg_data_uri(border=3, dark="#000", light="#fff"))


def open_room() -> None:
    """Present in a new room; raises RoomError where there are too many."""
    st.session_state[PRESENTS] = ROOMS.open()
    st.session_state.pop(FOLLOWS, None)


def close_room() -> None:
    """Close the room; its minutes stay in this session."""
    if (room := presented()) is not None:
        ROOMS.close(room)


def _presented(room: Room) -> dict[str, str]:
    """What the presenter's browser is told of the room."""
    address = short_address(room)
    return {"key": room.key, "secret": room.secret, "address": address, "picture": qr_picture(address)}


def _follow_link() -> None:
    """Follow the room that the first address of this session names; one that cannot be followed is said."""
    asked = st.query_params.get(FOLLOW)
    if not asked or asked == st.session_state.get(FOLLOWS) or presented() is not None:
        return
    try:
        st.session_state[FOLLOWS] = ROOMS.find(asked).key
    except RoomError as error:
        st.session_state[_REFUSED] = error


def _event(name: str) -> Any:
    state = st.session_state.get(_KEY)
    return None if state is None else state.get(name)


def _take_arrival() -> None:
    """The browser asks for an address: its presenter's, or one of its own."""
    sent = _event("arrive")
    if isinstance(sent, Mapping) and isinstance(sent.get("address"), str):
        arrivals.ask(sent["address"], float(sent.get("at", 0)))


def _resume() -> None:
    """A page that was loaded anew goes on presenting, by what the browser kept."""
    sent = _event("resume")
    if not isinstance(sent, Mapping):
        return
    try:
        room = ROOMS.find(str(sent.get("key")))
    except RoomError:
        return
    if room.is_presenter(str(sent.get("secret"))):
        st.session_state[PRESENTS] = room


def _leave() -> None:
    """This browser follows no more."""
    st.session_state.pop(FOLLOWS, None)
    st.query_params.pop(FOLLOW, None)
