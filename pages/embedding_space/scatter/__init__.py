"""The map of films as a component of this project: canvas and plain JavaScript, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages.embedding_space.scatter.packing import packed
from pages.embedding_space.scatter.scene import Scene
from pages.shared import turned
from pages.shared.components import parcel, parcel_key, register
from pages.shared.turned import Turnable

_FOLDER: Final = Path(__file__).resolve().parent
_MAP: Final = register(
    "film_map",
    _FOLDER / "map.js",
    html=(_FOLDER / "map.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "map.css",),
)
_LOOK: Final = parcel("film_map_look")
_SELECTION: Final = parcel("film_map_selection")
_FILM: Final = parcel("film_map_film")
_TURN: Final = 6.2832
_CAMERA: Final = Turnable(
    "camera",
    {"x": (-9, 9), "y": (-9, 9), "zoom": (0.6, 60), "yaw": (-_TURN, _TURN), "pitch": (-_TURN, _TURN)},
    parcel("film_map_camera"),
)
"""From where a map is looked at; x and y are the middle of the picture, of the map's longest side."""


def film_map(scene: Scene, *, key: str, on_selected: Callable[[Any], None]) -> None:
    """Draws the map.

    on_selected : called with what `map_state.after_selecting` reads, before the page, which then draws what it changed.
    """
    content = packed(scene)
    turned.keep(_CAMERA, scene.view_key)
    _LOOK(data=content.look, key=f"{key}-look")
    _SELECTION(data=content.selection, key=f"{key}-selection")
    _MAP(key=key, data=content.layout, on_selected_change=lambda: on_selected(st.session_state[key].selected))


def chosen_on_map(film: bytes, *, key: str, on_opened: Callable[[Any], None]) -> None:
    """Puts the ring of the map round a film, and takes clicks on the map.

    film : packed: "row", and what else is shown of it by those who wait for this parcel.
    on_opened : called with the row of a film that was clicked, before what this is called in, which alone runs then.
    """
    _FILM(
        data=film,
        key=f"{key}-film",
        on_opened_change=lambda: on_opened(st.session_state[parcel_key(f"{key}-film")].opened),
    )
