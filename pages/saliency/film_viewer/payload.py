"""What the film viewer shows, and how it travels to the browser: raw pixels and raw maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.annotations.annotation import Annotation
from core.figures.colour_map import COLOUR_MAPS
from core.geometry import Box
from pages.shared.components import pack

Float32Array = npt.NDArray[np.float32]
UInt8Array = npt.NDArray[np.uint8]

_LONGEST_SIDE: Final = 2048


@dataclass(frozen=True, eq=False)
class ViewedMap:
    """A raw map on its own grid. values : (rows, columns), 0 and above.  top : where the last colour is, above 0."""

    values: Float32Array
    top: float


@dataclass(frozen=True)
class Chip:
    """A verdict in a few words. tone : "good" or "bad"."""

    words: str
    tone: str


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture. lines : the evidence below it, as (name, value).  map : None where there is none.

    words : why there is no map, or what else must be said.  seen : what the model sees of the film and the map covers,
    the rest being veiled; None where no model looks.  chips : verdicts below the picture.  is_weak : whether the map
    can hardly be seen on this scale, so that its own is offered.
    """

    name: str
    title: str
    lines: tuple[tuple[str, str], ...] = ()
    map: ViewedMap | None = None
    words: str = ""
    seen: Box | None = None
    chips: tuple[Chip, ...] = ()
    is_weak: bool = False


@dataclass(frozen=True, eq=False)
class StripItem:
    """One small picture that can be picked. value : what picking it means; note : a few characters below it."""

    value: str
    label: str
    note: str
    map: ViewedMap | None
    is_chosen: bool


@dataclass(frozen=True, eq=False)
class Strip:
    """A row of small pictures. name : what is picked in it.  seen : what their maps cover of the film.

    below : name of the panel that it belongs to; "" = it stands below all.
    """

    name: str
    title: str
    items: tuple[StripItem, ...]
    seen: Box
    below: str = ""


@dataclass(frozen=True)
class Drawing:
    """Who draws what. saved : how often marks were saved; drafts go when it grows."""

    reader: str
    finding: str
    saved: int = 0


@dataclass(frozen=True, eq=False)
class FilmView:
    """Everything about one film that the viewer shows.

    film_id : drafts are kept by it, the finding and the reader.  stamp : tells one view from another; set on the viewer
    when it has been painted.  film : (H, W) uint8.  outlines : what readers drew, in the
    study's `readers`' colours.  about : how the maps were made, in sentences, and footer, what must be said: for a
    downloaded picture.  keeps_film : whether the plain film stands below the maps where it has no room beside them.
    """

    film_id: str
    stamp: str
    caption: str
    film: UInt8Array
    panels: tuple[Panel, ...]
    outlines: Sequence[Annotation] = ()
    readers: Sequence[str] = ()
    strips: tuple[Strip, ...] = ()
    drawing: Drawing | None = None
    about: Sequence[str] = ()
    footer: str = ""
    can_step: tuple[bool, bool] = field(default=(False, False))
    keeps_film: bool = False


def encode(view: FilmView) -> bytes:
    """Pack a view for the browser; types.d.ts of this folder says what is in it.

    A film longer than 2048 pixels is made smaller; outlines stay in original pixels, in which its width and height are
    given too.
    """
    return pack(
        {
            "film_id": view.film_id,
            "stamp": view.stamp,
            "caption": view.caption,
            "about": list(view.about),
            "footer": view.footer,
            "film": packed_film(view.film),
            "panels": [_panel(panel) for panel in view.panels],
            "outlines": [_outline(entry) for entry in view.outlines],
            "readers": list(view.readers),
            "strips": [_strip(strip) for strip in view.strips],
            "drawing": None if view.drawing is None else vars(view.drawing),
            "can_step": list(view.can_step),
            "keeps_film": view.keeps_film,
            "colour_maps": [
                {"name": entry.name, "title": entry.title, "table": entry.table()} for entry in COLOUR_MAPS
            ],
        }
    )


def packed_film(film: UInt8Array) -> dict[str, Any]:
    """A film (H, W) as the browser paints it, with its original size."""
    shown = _shown(film)
    height, width = film.shape
    return {"width": width, "height": height, "columns": shown.shape[1], "rows": shown.shape[0], "grey": shown}


def _shown(film: UInt8Array) -> UInt8Array:
    if max(film.shape) <= _LONGEST_SIDE:
        return film
    picture = Image.fromarray(film)
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "name": panel.name,
        "title": panel.title,
        "lines": [list(line) for line in panel.lines],
        "words": panel.words,
        "chips": [vars(chip) for chip in panel.chips],
        "is_weak": panel.is_weak,
        "seen": None if panel.seen is None else vars(panel.seen),
        "map": packed_map(panel.map),
    }


def _strip(strip: Strip) -> dict[str, Any]:
    items = [
        {"value": item.value, "label": item.label, "note": item.note, "is_chosen": item.is_chosen}
        | {"map": packed_map(item.map)}
        for item in strip.items
    ]
    return {
        "name": strip.name,
        "below": strip.below,
        "title": strip.title,
        "seen": vars(strip.seen),
        "items": items,
    }


def packed_map(viewed: ViewedMap | None) -> dict[str, Any] | None:
    """A map as the browser paints it; None where there is none."""
    if viewed is None:
        return None
    rows, columns = viewed.values.shape
    values = np.asarray(viewed.values, dtype=np.float32)
    return {"rows": rows, "columns": columns, "top": float(viewed.top), "values": values}


def _outline(entry: Annotation) -> dict[str, Any]:
    rings = [[round(float(value), 2) for value in ring.ravel()] for ring in entry.outlines()]
    return {"reader": entry.reader, "finding": entry.finding, "rings": rings}
