"""What the film viewer shows, and how it travels to the browser: one JSON header, then raw pixels and raw maps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.annotations.annotation import Annotation
from core.figures.colour_map import COLOUR_MAPS
from core.geometry import Box

Float32Array = npt.NDArray[np.float32]
UInt8Array = npt.NDArray[np.uint8]

_LONGEST_SIDE: Final = 2048


@dataclass(frozen=True, eq=False)
class ViewedMap:
    """A raw map on its own grid. values : (rows, columns), 0 and above.  top : where the last colour is, above 0."""

    values: Float32Array
    top: float


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture. lines : the evidence below it, as (name, value).  map : None where there is none.

    words : why there is no map, or what else must be said.  is_cropped : whether what the model does not see is veiled.
    """

    name: str
    title: str
    lines: tuple[tuple[str, str], ...] = ()
    map: ViewedMap | None = None
    words: str = ""
    is_cropped: bool = False


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
    """A row of small pictures. name : what is picked in it."""

    name: str
    title: str
    items: tuple[StripItem, ...]


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
    when it has been painted.  film : (H, W) uint8.  crop : what a model sees.  outlines : what readers drew, in the
    study's `readers`' colours.  about : how the maps were made, in sentences, and footer, what must be said: for a
    downloaded picture.
    """

    film_id: str
    stamp: str
    caption: str
    film: UInt8Array
    crop: Box
    panels: tuple[Panel, ...]
    outlines: Sequence[Annotation] = ()
    readers: Sequence[str] = ()
    strips: tuple[Strip, ...] = ()
    drawing: Drawing | None = None
    about: Sequence[str] = ()
    footer: str = ""
    can_step: tuple[bool, bool] = field(default=(False, False))


def encode(view: FilmView) -> bytes:
    """4 bytes (the header's length, little-endian), the header as UTF-8 JSON, then the arrays that it points to.

    Positions count from the first byte after the header. A film longer than 2048 pixels is made smaller; outlines stay
    in original pixels, in which the header gives the film's size.
    """
    blobs = _Blobs()
    shown = _shown(view.film)
    height, width = view.film.shape
    header = {
        "film_id": view.film_id,
        "stamp": view.stamp,
        "caption": view.caption,
        "about": list(view.about),
        "footer": view.footer,
        "film": {"width": width, "height": height, "columns": shown.shape[1], "rows": shown.shape[0]}
        | {"at": blobs.add(shown)},
        "crop": vars(view.crop),
        "panels": [_panel(panel, blobs) for panel in view.panels],
        "outlines": [_outline(entry) for entry in view.outlines],
        "readers": list(view.readers),
        "strips": [_strip(strip, blobs) for strip in view.strips],
        "drawing": None if view.drawing is None else vars(view.drawing),
        "can_step": list(view.can_step),
        "colour_maps": [
            {"name": entry.name, "title": entry.title, "at": blobs.add(entry.table())} for entry in COLOUR_MAPS
        ],
    }
    text = json.dumps(header, allow_nan=False).encode()
    return len(text).to_bytes(4, "little") + text + blobs.joined()


class _Blobs:
    """Arrays one after the other, each on a multiple of four bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, array: npt.NDArray[Any]) -> int:
        content = np.ascontiguousarray(array).tobytes()
        content += b"\0" * (-len(content) % 4)
        start, self._length = self._length, self._length + len(content)
        self._parts.append(content)
        return start

    def joined(self) -> bytes:
        return b"".join(self._parts)


def _shown(film: UInt8Array) -> UInt8Array:
    if max(film.shape) <= _LONGEST_SIDE:
        return film
    picture = Image.fromarray(film)
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def _panel(panel: Panel, blobs: _Blobs) -> dict[str, Any]:
    return {
        "name": panel.name,
        "title": panel.title,
        "lines": [list(line) for line in panel.lines],
        "words": panel.words,
        "is_cropped": panel.is_cropped,
        "map": _map(panel.map, blobs),
    }


def _strip(strip: Strip, blobs: _Blobs) -> dict[str, Any]:
    items = [
        {"value": item.value, "label": item.label, "note": item.note, "is_chosen": item.is_chosen}
        | {"map": _map(item.map, blobs)}
        for item in strip.items
    ]
    return {"name": strip.name, "title": strip.title, "items": items}


def _map(viewed: ViewedMap | None, blobs: _Blobs) -> dict[str, Any] | None:
    if viewed is None:
        return None
    rows, columns = viewed.values.shape
    at = blobs.add(np.asarray(viewed.values, dtype="<f4"))
    return {"rows": rows, "columns": columns, "top": float(viewed.top), "at": at}


def _outline(entry: Annotation) -> dict[str, Any]:
    rings = [[round(float(value), 2) for value in ring.ravel()] for ring in entry.outlines()]
    return {"reader": entry.reader, "finding": entry.finding, "rings": rings}
