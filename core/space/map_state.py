"""What is selected on the map and which film is chosen, as plain values: no widget, no session.

Films are picked, by a hand round them or from a list, and a group of the legend may be looked at alone: selected are
the picked ones of that group, of the group all where none are picked, and the picked ones where no group is.

The map numbers its selections (seq) and shows its own until the page has answered with that number, so that a slow
answer never takes back what was drawn since. It numbers anew where another study or another address is opened.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping, Sequence
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
    """rows : of the study, ascending; what is selected.  seq : number of the last selection that the map sent.

    picked : rows, ascending; None where no film is.  within : name of the group that is looked at alone; "" = none.
    """

    rows: IntArray = field(default_factory=_no_rows)
    seq: int = 0
    picked: IntArray | None = None
    within: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is asked for; a group without any picked film is asked for, and has no rows."""
        return self.picked is None and not self.within and not len(self.rows)


Groups = Callable[[str], IntArray | None]
"""The rows of a group of the legend, by its name; None where the legend has none of that name."""


def combined(before: Selected, groups: Groups) -> Selected:
    """Make the same choices among these groups; a group that is not among them is let go."""
    own = groups(before.within) if before.within else None
    if own is None:
        return replace(before, within="", rows=_no_rows() if before.picked is None else before.picked)
    return replace(before, rows=own if before.picked is None else np.intersect1d(before.picked, own))


def after_selecting(before: Selected, event: Any, n_films: int, groups: Groups) -> Selected:
    """Take what the map said was picked; as before where it said something else.

    event : {"seq": number, "bits": base64 of a bit per picked film, the first film in the lowest bit; "" for none,
    "within": name of a group or ""}.
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
    picked = np.flatnonzero(bits) if content else None
    chosen = Selected(seq=max(before.seq, event["seq"]), picked=picked, within=str(event.get("within", "")))
    return combined(chosen, groups)


def with_rows(before: Selected, rows: IntArray) -> Selected:
    """Pick films from a list of the page: that counts as the newest, whatever group was looked at."""
    picked = np.unique(np.asarray(rows, dtype=np.int64))
    return Selected(picked, before.seq + 1, picked)


def mark_of(image_ids: Sequence[str]) -> str:
    """Make 8 letters that stand for the films and their order, so that a link never lights other films."""
    return f"{zlib.crc32(chr(10).join(image_ids).encode()):08x}"


def to_link(rows: IntArray, mark: str, n_films: int) -> str | None:
    """Write rows for an address; "" for none, None where they are longer than LINK_LIMIT. mark : of `mark_of`."""
    text = encode_rows(rows, n_films)
    linked = f"{mark}.{text}" if text else ""
    return linked if len(linked) <= LINK_LIMIT else None


def from_link(text: str, mark: str, n_films: int) -> tuple[Selected, CoreError | None]:
    """Read what an address asks for; nothing, and what is wrong, where it cannot be read or is of other films."""
    if not text:
        return Selected(), None
    of_films, _, rows = text.partition(".")
    try:
        if rows and of_films != mark:
            raise SelectionError(
                "The link's selection is of other films than this study's.",
                remedy="Open the study that the link was made on, or select again.",
            )
        found = decode_rows(rows or f"!{text}", n_films)
        return Selected(found, picked=found if len(found) else None), None
    except CoreError as error:
        return Selected(), error


def without(before: Selected) -> Selected:
    """Let all films and the group go."""
    return Selected(seq=before.seq + 1)
