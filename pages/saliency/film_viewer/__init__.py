"""The film viewer: a canvas component that paints films, raw maps and outlines in the browser, and takes marks back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pages.saliency.film_viewer.payload import FilmView, encode
from pages.shared import take
from pages.shared.components import register

_HERE: Final = Path(__file__).resolve().parent
_VIEWER: Final = register(
    "film_viewer",
    _HERE / "viewer.js",
    html='<div class="viewer" tabindex="0" lang="en"></div>',
    css=(_HERE / "viewer.css",),
)


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
    with take.whole(of):
        return _VIEWER(
            key=key, data=encode(view), on_step_change=on_step, on_pick_change=on_pick, on_marks_change=on_marks
        )
