"""Small pictures of films with what was read on them, as one light component; a click opens a film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import streamlit as st

from core.datasets.films import can_render
from core.study import Study
from pages.shared import film_cards, navigation, selection
from pages.shared.components import register

_FOLDER: Final = Path(__file__).resolve().parent
TILES: Final = _FOLDER / "tiles.css"
"""How tiles look, for components that draw them."""
_COMPONENT: Final = register("film_strip", _FOLDER / "strip.js", html='<div class="strip"></div>', css=(TILES,))


def film_strip(study: Study, films: Sequence[tuple[int, str]], *, key: str, chosen: int | None = None) -> bool:
    """Films, in this order; True where one was clicked just now. A click chooses the film for all pages.

    films : rows, each with a line of its own, which may be empty.  chosen : the row that is marked.
    """

    def opened() -> None:
        row = st.session_state[key].opened
        if isinstance(row, int) and 0 <= row < len(study.image_ids):
            selection.choose_film(study.image_ids[row])

    tiles = [tile(study, int(row), note) for row, note in films]
    shown = _COMPONENT(key=key, data={"films": tiles, **known(study), "chosen": chosen}, on_opened_change=opened)
    return shown.opened is not None


def known(study: Study) -> dict[str, Any]:
    """What tiles of every film of a study are drawn with: the names of classes, and where small pictures are."""
    return {"classes": list(study.classes), "address": film_cards.offer(study)}


def tile(study: Study, row: int, note: str) -> dict[str, Any]:
    """One film for the browser. note : a line of its own, which may be empty."""
    content = {
        "row": row,
        "title": study.image_ids[row],
        "findings": np.flatnonzero(study.labels[row] == 1).tolist(),
        "note": note,
    }
    return content if has_pictures(study, row) else {**content, "bare": True}


def has_pictures(study: Study, row: int) -> bool:
    """Whether a small picture of the film can be asked for: it is stored or simulated, and the app's server runs."""
    return navigation.is_in_app() and bool(study.images["file"].notna().iloc[row] or can_render(study))
