"""The two halves of the label budget: its films, sent once, and the slider that adapts to them while it moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import streamlit as st

from core.label_budget.films import BudgetFilms
from core.label_budget.ridge import BIAS_PRIOR, PRIOR
from core.metrics.arrays import FloatArray, IntArray
from pages.shared.components import pack, parcel, register

_HERE: Final = Path(__file__).resolve().parent
_UNLABELLED: Final = 255
_FILMS: Final = parcel("budget_films")
_SLIDER: Final = register(
    "label_budget", _HERE / "budget.js", html='<div class="budget"></div>', css=(_HERE / "budget.css",)
)


def films_content(films: BudgetFilms, orders: Sequence[IntArray], token: str) -> dict[str, Any]:
    """Lay out what the browser adapts; see `BudgetFilms` of types.d.ts. token : names these films."""
    arrays: dict[str, Any] = {split: films.films[split] for split in ("train", "val", "test")}
    arrays |= {f"{split}Labels": _codes(films.labels[split]) for split in ("train", "val", "test")}
    arrays |= {"texts": films.texts, "orders": np.stack(orders).astype(np.uint32)}
    sizes = {"nClasses": len(films.classes), "nDimensions": films.texts.shape[1]}
    return {"token": token, **sizes, "prior": PRIOR, "biasPrior": BIAS_PRIOR, "arrays": arrays}


def packed(films: BudgetFilms, orders: Sequence[IntArray], token: str) -> bytes:
    """Pack `films_content` for the browser."""
    return pack(films_content(films, orders, token))


def send_films(content: bytes) -> None:
    """Hands the films to the browser."""
    _FILMS(data=content, key="budget-films")


def draw_slider(data: Mapping[str, Any], *, key: str, moved: Callable[[], None]) -> None:
    """The slider, its figures and its curves. data : see `BudgetData` of types.d.ts."""
    _SLIDER(data=dict(data), key=key, on_moved_change=moved)


def moved_to(key: str) -> int | None:
    """Where a hand let go, within the callback; None where nothing whole was sent."""
    state = st.session_state.get(key)
    sent = None if state is None else state.get("moved")
    return sent if isinstance(sent, int) and sent >= 0 else None


def _codes(labels: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.where(np.isnan(labels), _UNLABELLED, labels).astype(np.uint8)
