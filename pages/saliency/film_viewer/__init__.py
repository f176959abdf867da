"""The film viewer: a canvas component that paints films, raw maps and outlines in the browser, and takes marks back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages.saliency.film_viewer.payload import FilmView, encode

_HERE: Final = Path(__file__).resolve().parent
_SCRIPTS: Final = ("fields.js", "painting.js", "drawing.js", "layout.js", "picture.js", "viewer.js")
"""In this order they are one script; the last exports what Streamlit calls."""


def _text(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_VIEWER = st.components.v2.component(
    "film_viewer",
    html='<div class="viewer" tabindex="0" lang="en"></div>\n',
    css=_text("viewer.css"),
    js=_text(*_SCRIPTS),
)


def film_viewer(
    view: FilmView,
    *,
    key: str,
    on_step: Callable[[], None] = lambda: None,
    on_pick: Callable[[], None] = lambda: None,
    on_marks: Callable[[], None] = lambda: None,
) -> Any:
    """Shows a film. The result's triggers, each None unless it just happened; callbacks run before the page does:

    step : -1 or 1, the film that a key asked for.
    pick : {"strip": name, "value": value}, the small picture that was chosen.
    marks : {"film": film_id, "finding": name, "reader": name, "shapes": [...]}, drawn and to be saved
        (`core.annotations.drawing`).
    """
    return _VIEWER(key=key, data=encode(view), on_step_change=on_step, on_pick_change=on_pick, on_marks_change=on_marks)
