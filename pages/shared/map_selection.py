"""The selection of the map in this session and in the address; what is done with it is `map_state`'s."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from core.metrics.arrays import IntArray
from core.study import Study
from pages.shared import cache, map_state, notices, selection
from pages.shared.map_state import LINK_LIMIT, Selected

_KEPT: Final = "map_selected"
_ADDRESS: Final = "selected"


def current(study: Study) -> Selected:
    """The selection of this session, else the address's; it is of one study, and another's is dropped."""
    kept: Selected | None
    fingerprint, kept = st.session_state.get(_KEPT, ("", None))
    if kept is not None:
        if fingerprint != study.fingerprint:  # another study was picked: the address still holds the selection before
            kept = Selected()
            keep(study, kept)
        return kept
    found, error = map_state.from_link(st.query_params.get(_ADDRESS, ""), cache.films_mark(study), len(study.image_ids))
    if error is not None:
        st.warning(notices.plain(f"{error.message} {error.remedy}"), icon=":material/link_off:")
    keep(study, found)
    return found


def keep(study: Study, selected: Selected) -> None:
    """Keeps a selection for the other pages and for when this one is opened again."""
    st.session_state[_KEPT] = (study.fingerprint, selected)


def into_address(study: Study, selected: Selected) -> None:
    """Writes the selection into the address; says so where it is too long for one."""
    text = map_state.to_link(selected, cache.films_mark(study), len(study.image_ids))
    if text is None:
        st.caption(
            f"This selection is too large for a link (more than {LINK_LIMIT:,} characters): the address leaves it out. "
            "Export its ids instead."
        )
    if not text:
        st.query_params.pop(_ADDRESS, None)
    elif st.query_params.get(_ADDRESS) != text:
        st.query_params[_ADDRESS] = text


def select(study: Study, event: Any) -> None:
    """What the map sends when films were selected."""
    keep(study, map_state.after_selecting(current(study), event, len(study.image_ids)))


def select_rows(study: Study, rows: IntArray) -> None:
    """Selects films from a list on the page."""
    keep(study, map_state.with_rows(current(study), rows))


def clear(study: Study) -> None:
    """Nothing selected."""
    keep(study, map_state.without(current(study)))


def open_row(study: Study, row: Any) -> None:
    """What the map sends when a film was clicked."""
    if isinstance(row, int) and 0 <= row < len(study.image_ids):
        selection.choose_film(study.image_ids[row])
