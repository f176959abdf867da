"""The map of films as a component of this project: canvas and plain JavaScript, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages.embedding_space.scatter.packing import pack
from pages.embedding_space.scatter.scene import Scene

_FOLDER: Final = Path(__file__).resolve().parent
_SCRIPTS: Final = ("drawing.js", "picking.js", "map.js")


def _read(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


_COMPONENT: Final = st.components.v2.component(
    "film_map", html=_read("map.html"), css=_read("map.css"), js=_read(*_SCRIPTS)
)


def film_map(
    scene: Scene,
    *,
    key: str,
    on_opened: Callable[[Any], None],
    on_selected: Callable[[Any], None],
) -> None:
    """Draws the map.

    on_opened : called with the row of a film that was clicked.  on_selected : called with what
    `map_state.after_selecting` reads. Both run before the page, which then draws what they changed.
    """
    _COMPONENT(
        key=key,
        data=pack(scene),
        on_opened_change=lambda: on_opened(st.session_state[key].opened),
        on_selected_change=lambda: on_selected(st.session_state[key].selected),
    )
