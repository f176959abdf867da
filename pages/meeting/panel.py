"""The presenter's side of a room: opening it, its address, questions, minutes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import numpy as np
import streamlit as st

from core.errors import CoreError
from core.room import Room
from core.room.votes import Question
from core.study import Study
from pages.meeting import attend, share, stories
from pages.meeting.access import OPTION, is_loopback
from pages.meeting.arrivals import base_address
from pages.shared import notices, operating, selection, studies

_FILM: Final = "Ask: is this film positive?"
_THRESHOLD: Final = "Ask: where would you put the threshold?"
_ALONE: Final = (
    "Others can join on this computer only; a network is let in where the app was started by "
    f"`streamlit run app.py --server.address 0.0.0.0 -- {OPTION}`."
)


def show(stem: str) -> None:
    """What a presenter has on every page: the story, and the room. stem : the page that is looked at."""
    study = studies.looked_at()
    with st.container(width="content"):  # as wide as its button: a fragment would take a share of the line
        share.show(study)
    with st.popover("Present", icon=":material/present_to_all:", type="tertiary", help="P: large, content alone"):
        st.markdown("**P** presents, **?** lists all keys. A story is walked with the arrow keys.")
        if study is not None:
            stories.show(study, stem)
    _room(study, stem)


def _room(study: Study | None, stem: str) -> None:
    """A button that opens a room, and what a room's presenter does."""
    room = attend.presented()
    with st.popover("Room", icon=":material/groups:", type="tertiary", help="Others see your page and thresholds move"):
        if room is None:
            st.button("Open a room", icon=":material/cast:", on_click=_guarded(attend.open_room), type="primary")
        else:
            _show_open(room, study, stem)
        if (last := attend.last_presented()) is not None:
            _minutes(last)


def _guarded(act: Callable[[], object]) -> Callable[[], None]:
    """A callback that says what is wrong."""

    def called() -> None:
        try:
            act()
        except CoreError as error:
            notices.show_error(error, title="This cannot be done")

    return called


def _show_open(room: Room, study: Study | None, stem: str) -> None:
    address = attend.short_address(room)
    with st.container(width=340):
        st.image(attend.qr_picture(address), width=200)
        st.code(address, language=None)
    if is_loopback(urlsplit(address).hostname or ""):
        st.caption(_ALONE)
    for words, ask in ((_FILM, _of_film), (_THRESHOLD, _of_threshold)):
        args = (room, study, stem, ask)
        st.button(words, key=f"meeting-{words}", on_click=_ask, args=args, disabled=study is None)
    if room.question is not None:
        st.button("Show the answers", key="meeting-reveal", on_click=_reveal, args=(room,), type="primary")
        st.button("Take the question away", key="meeting-withdraw", on_click=room.withdraw)
    st.button("Close the room", key="meeting-close", icon=":material/close:", on_click=attend.close_room)


def _minutes(room: Room) -> None:
    base = base_address()  # read now: a file is written when no page runs
    st.download_button(
        "Minutes",
        lambda: room.minutes.markdown(base),
        file_name="minutes.md",
        mime="text/markdown",
        key="meeting-minutes",
        icon=":material/download:",
        on_click="ignore",
    )


def _ask(room: Room, study: Study, stem: str, make: Callable[[Study, str], Question | None]) -> None:
    """Ask of what is looked at now."""
    question = make(study, stem)
    if question is None:
        st.toast("Nothing to ask about here: open a film, or the page Thresholds.", icon=":material/help:")
    elif room.is_open:
        room.ask(question)


def _reveal(room: Room) -> None:
    """Show the answers."""
    room.reveal()


def _of_film(study: Study, stem: str) -> Question | None:
    """Whether the film is positive for the class; None where no film is looked at."""
    film = selection.chosen_film(study)
    if film is None:
        return None
    finding = _finding(study, stem)
    label = float(study.labels[study.row_of(film), study.classes.index(finding)])
    return Question("positive", finding, film, None if np.isnan(label) else label)


def _of_threshold(study: Study, stem: str) -> Question | None:
    """Where the threshold of the class belongs, between the lowest and the highest score; None on other pages."""
    setting = st.session_state.get("setting")
    if stem != "thresholds" or setting not in study.settings:
        return None
    finding = _finding(study, stem)
    place = study.classes.index(finding)
    scores = np.asarray(study.scores(setting)[:, place], dtype=float)
    cut = operating.current(study, setting).values[place]
    low, high = float(np.nanmin(scores)), float(np.nanmax(scores))
    return Question("threshold", finding, truth=None if np.isnan(cut) else float(cut), low=low, high=high)


def _finding(study: Study, stem: str) -> str:
    return selection.finding_of(study, selection.MAP_FINDING if stem == "saliency" else "finding")
