"""The film viewer: a canvas component that paints films, raw maps and outlines in the browser, and takes marks back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pages.saliency.film_viewer.payload import FilmView, encode
from pages.shared import take, turned
from pages.shared.components import parcel, register
from pages.shared.turned import Turnable

_HERE: Final = Path(__file__).resolve().parent
_VIEWER: Final = register(
    "film_viewer",
    _HERE / "viewer.js",
    html='<div class="viewer" tabindex="0" lang="en"></div>',
    css=(_HERE / "viewer.css",),
)
_DISPLAY: Final = Turnable(
    "display",
    {
        "window": (8, 255),
        "level": (0, 255),
        "opacity": (0, 1),
        "contour": (0.05, 0.95),
        "map": (0, 1),
        "line": (0, 1),
        "outlines": (0, 1),
        "hidden": (0, 2**20 - 1),
        "colours": (0, 15),
        "zoom": (1, 24),
        "x": (0, 1),
        "y": (0, 1),
    },
    parcel("film_viewer_display"),
)
"""How a film is looked at: greys, opacity, the level of the line; 1 or 0 for what is shown or not, a bit for each
hidden reader, the place of the colours; x and y are the middle of the picture, of the film's width and height."""


def film_viewer(
    of: take.Of,
    view: FilmView,
    *,
    key: str,
    on_step: Callable[[], None] = lambda: None,
    on_pick: Callable[[], None] = lambda: None,
    on_marks: Callable[[], None] = lambda: None,
) -> Any:
    """Shows a film. of : what is taken along.

    The result's triggers, each None unless it just happened; callbacks run before the page does:

    step : -1 or 1, the film that a key asked for.
    pick : {"strip": name, "value": value}, the small picture that was chosen.
    marks : {"film": film_id, "finding": name, "reader": name, "shapes": [...]}, drawn and to be saved
        (`core.annotations.drawing`).
    """
    turned.keep(_DISPLAY, "film")
    with take.whole(of):
        return _VIEWER(
            key=key, data=encode(view), on_step_change=on_step, on_pick_change=on_pick, on_marks_change=on_marks
        )
