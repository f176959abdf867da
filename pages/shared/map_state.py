"""What is selected on the map and which film is chosen, as plain values: no widget, no session.

The map numbers its selections (seq) and shows its own until the page has answered with that number, so that a slow
answer never takes back what was drawn since.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from core.errors import CoreError
from core.metrics.arrays import IntArray
from core.space.selected_rows import SelectionError, decode_rows, encode_rows

LINK_LIMIT: Final = 6000
"""Characters of a selection in a link; browsers take more, mail programs and logs cut. Enough for any selection of
30,000 films, and for a small one of any number."""


def _no_rows() -> IntArray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Selected:
    """rows : of the study, ascending.  seq : number of the last selection that the map sent."""

    rows: IntArray = field(default_factory=_no_rows)
    seq: int = 0


def after_selecting(before: Selected, event: Any, n_films: int) -> Selected:
    """What is selected after the map said so; as before where it said something else.

    event : {"seq": number, "bits": base64 of a bit per film, the first film in the lowest bit; "" for none}.
    """
    if not isinstance(event, Mapping) or not isinstance(event.get("seq"), int):
        return before
    try:
        content = base64.b64decode(str(event.get("bits", "")), validate=True)
    except (binascii.Error, ValueError):
        return before
    if content and len(content) != -(-n_films // 8):
        return before
    bits = np.unpackbits(np.frombuffer(content, dtype=np.uint8), bitorder="little")[:n_films]
    return Selected(np.flatnonzero(bits), max(before.seq, event["seq"]))


def with_rows(before: Selected, rows: IntArray) -> Selected:
    """A selection that the page made: it counts as the newest."""
    return Selected(np.unique(np.asarray(rows, dtype=np.int64)), before.seq + 1)


def mark_of(image_ids: Sequence[str]) -> str:
    """8 letters that stand for the films and their order, so that a link never lights other films."""
    return f"{zlib.crc32(chr(10).join(image_ids).encode()):08x}"


def to_link(selected: Selected, mark: str, n_films: int) -> str | None:
    """The selection for an address; "" for none, None where it is longer than LINK_LIMIT. mark : of `mark_of`."""
    text = encode_rows(selected.rows, n_films)
    linked = f"{mark}.{text}" if text else ""
    return linked if len(linked) <= LINK_LIMIT else None


def from_link(text: str, mark: str, n_films: int) -> tuple[Selected, CoreError | None]:
    """What an address asks for; nothing, and what is wrong with it, where it cannot be read or is of other films."""
    if not text:
        return Selected(), None
    of_films, _, rows = text.partition(".")
    try:
        if rows and of_films != mark:
            raise SelectionError(
                "The link's selection is of other films than this study's.",
                remedy="Open the study that the link was made on, or select again.",
            )
        return Selected(decode_rows(rows or f"!{text}", n_films)), None
    except CoreError as error:
        return Selected(), error


def without(before: Selected) -> Selected:
    """Nothing selected."""
    return replace(before, rows=_no_rows(), seq=before.seq + 1)
