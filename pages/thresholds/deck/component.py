"""The two halves of the deck: its counts, sent once, and its rows, which Python answers after every move."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import streamlit as st

from core.metrics.arrays import FloatArray
from core.thresholds.packed_counts import UNREAD, BrowserTables
from pages.shared import film_view
from pages.shared.components import pack, parcel, register

_HERE: Final = Path(__file__).resolve().parent
_TABLES: Final = parcel("threshold_tables")
_TRUTHS: Final = parcel("threshold_truths")
_ROWS: Final = register(
    "threshold_deck", _HERE / "deck.js", html='<div class="deck"></div>', css=(film_view.TILES_CSS, _HERE / "deck.css")
)


@dataclass(frozen=True)
class Move:
    """What the browser sends when a hand lets go.

    number : counts the moves of an epoch; Python's answer carries the same.  values : by class, None = no threshold.
    uppers : the rule-in cuts above them; None where classes have one cut.
    """

    number: int
    epoch: str
    values: tuple[float | None, ...]
    uppers: tuple[float | None, ...] | None = None

    @classmethod
    def read(cls, event: Mapping[str, Any], n_classes: int) -> Move | None:
        """The event as it came over the wire; None where it is not one of a deck with so many classes."""
        values, uppers = _cuts(event.get("values"), n_classes), _cuts(event.get("uppers"), n_classes)
        if values is None:
            return None
        return cls(int(event.get("number", 0)), str(event.get("epoch", "")), values, uppers)


def _cuts(sent: object, n_classes: int) -> tuple[float | None, ...] | None:
    """A row of cuts as it came over the wire; None where it is none of so many classes."""
    if not isinstance(sent, list) or len(sent) != n_classes:
        return None
    return tuple(None if value is None else float(value) for value in sent)


def packed(tables: BrowserTables, token: str) -> bytes:
    """Pack the tables for the browser. token : names these counts; a deck that shows them carries the same."""
    return pack({**tables.content(), "token": token})


def send_tables(content: bytes) -> None:
    """Hands the counts to the browser; before the deck, and outside the fragment that answers its moves."""
    _TABLES(data=content, key="threshold-tables")


def packed_truths(
    names: Sequence[str], labels: FloatArray, starts: FloatArray, uppers: FloatArray, token: str
) -> bytes:
    """Pack what the browser turns the truth dial with.

    labels : (positions, n_films, n_classes) of {0, 1, NaN}.  starts, uppers : (positions, n_classes) the fitted
    thresholds, and their rule-in cuts where classes have two, NaN = none.  token : names the counts that they go with.
    """
    codes = np.where(np.isnan(labels), UNREAD, labels).astype(np.uint8).transpose(0, 2, 1)
    cuts = {"starts": np.asarray(starts, dtype=np.float64), "uppers": np.asarray(uppers, dtype=np.float64)}
    return pack({"token": token, "names": list(names), "arrays": {"labels": np.ascontiguousarray(codes), **cuts}})


def send_truths(content: bytes) -> None:
    """Hands the labels of every position to the browser, as `send_tables` does the counts."""
    _TRUTHS(data=content, key="threshold-truths")


def deck(data: Mapping[str, Any], *, key: str, on: Mapping[str, Callable[[], None]]) -> None:
    """The rows, and the films behind their counts. data : see `DeckData` of types.d.ts.

    on : "moved", "chosen", "listed", "film", "all", "clinic", "tools"; called before the page runs again. `event_of`
        reads what was sent.
    """
    _ROWS(data=dict(data), key=key, **{f"on_{name}_change": called for name, called in on.items()})


def event_of(key: str, name: str) -> Any:
    """What the browser sent under a name, within the callback; None where it sent nothing."""
    state = st.session_state.get(key)
    return None if state is None else state.get(name)


def as_json(values: Sequence[float] | None) -> list[float | None] | None:
    """Thresholds as JSON values; NaN becomes None, and so do no thresholds."""
    if values is None:
        return None
    return [None if math.isnan(value) else float(value) for value in values]
