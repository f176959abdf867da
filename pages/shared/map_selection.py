"""The selection of the map in this session and in the address; what is done with it is `map_state`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from core.metrics.arrays import IntArray
from core.space import map_state
from core.space.map_state import LINK_LIMIT, Groups, Selected
from core.study import Study
from pages.shared import cache, notices, selection

_KEPT: Final = "map_selected"
_ADDRESS: Final = "selected"
_WITHIN: Final = "within"
"""In the map's address: the group of the legend that is looked at alone; `selected` then holds the films picked."""


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
    found = replace(found, within=st.query_params.get(_WITHIN, ""))
    keep(study, found)
    return found


def on_map(study: Study, groups: Groups) -> Selected:
    """The selection among the groups that the map's legend has now; a group that a link asks for and that is not there
    is said."""
    before = current(study)
    found = map_state.combined(before, groups)
    if before.within and not found.within and st.query_params.get(_WITHIN) == before.within:
        selection.say_absent(f"In the legend of the map: {before.within}")
    keep(study, found)
    return found


def keep(study: Study, selected: Selected) -> None:
    """Keeps a selection for the other pages and for when this one is opened again."""
    st.session_state[_KEPT] = (study.fingerprint, selected)


def into_address(study: Study, selected: Selected, *, is_map: bool = False) -> None:
    """Writes the selection into the address; says so where it is too long for one.

    is_map : whether the page has the map's legend; an address of another page holds the films that are selected.
    """
    rows = selected.rows if not (is_map and selected.within) else selected.picked
    text = "" if rows is None else map_state.to_link(rows, cache.films_mark(study), len(study.image_ids))
    if text is None:
        st.caption(
            f"This selection is too large for a link (more than {LINK_LIMIT:,} characters): the address leaves it out. "
            "Export its ids instead."
        )
    selection.write(_ADDRESS, text or None)
    selection.write(_WITHIN, (is_map and selected.within) or None)


def row_of(study: Study) -> str:
    """Names what the map's selections are numbered within: the films of a study, since an address was opened."""
    return f"{study.fingerprint} {selection.arrival()}"


def select(study: Study, event: Any, groups: Groups) -> None:
    """What the map sends when films or a group were picked; nothing where it is of another row, and too late."""
    if isinstance(event, Mapping) and event.get("of") == row_of(study):
        keep(study, map_state.after_selecting(current(study), event, len(study.image_ids), groups))


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


def look_within(study: Study, group: str) -> None:
    """Let the map open on a group of its legend alone, with no film picked."""
    keep(study, replace(map_state.without(current(study)), within=group))
