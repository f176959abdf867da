"""The two maps of a question as the browser shows them: which side is which, it is not told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from core.figures.colour_map import COLOUR_MAPS
from pages.saliency.film_viewer.payload import ViewedMap, packed_film, packed_map
from pages.shared.components import pack, register

if TYPE_CHECKING:
    from core.saliency.maps import FilmMaps

_HERE: Final = Path(__file__).resolve().parent
_PAIR: Final = register(
    "arena_pair",
    _HERE / "pair.js",
    html='<div class="arena" tabindex="0" lang="en"></div>',
    css=(_HERE / "pair.css",),
)


def arena_pair(
    token: str,
    finding: str,
    film: npt.NDArray[np.uint8],
    maps: tuple[FilmMaps, FilmMaps],
    *,
    key: str,
    on_vote: Callable[[], None],
) -> None:
    """Shows a question. The result's trigger `vote` is {"token": token, "answer": answer}; the callback runs first."""
    question = f"{finding}: which map would you trust?"
    content = {
        "token": token,
        "question": question,
        "film": packed_film(film),
        "sides": [_side(one, finding, film.shape) for one in maps],
        "table": COLOUR_MAPS[0].table(),
    }
    _PAIR(key=key, data=pack(content), on_vote_change=on_vote)


def _side(maps: FilmMaps, finding: str, shape: tuple[int, ...]) -> dict[str, Any]:
    """A map on a scale of its own."""
    saliency = maps.of(finding)
    viewed = None if saliency.is_zero else ViewedMap(saliency.values, saliency.raw_maximum)
    words = "This map is empty: nothing on this film raises the score." if saliency.is_zero else ""
    return {"map": packed_map(viewed), "seen": vars(maps.geometry.box(shape[0], shape[1])), "words": words}
