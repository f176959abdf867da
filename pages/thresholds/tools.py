"""How the deck's rows are drawn and what moves with a hand: in the session and in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from pages.shared import selection

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "axis": ("auto", "score", "rank"),
    "link": ("alone", "quantile", "score", "prevalence"),
}
"""By what the deck calls them, the usual one first: `AxisChoice` and `Mode` of its types.d.ts."""
_KEPT: Final = "deck_{}"


def asked() -> dict[str, str]:
    """What the deck begins with: what this session looks at, else what the address asks for. The address goes on
    saying it.
    """
    found = {}
    for name, choices in _CHOICES.items():
        key = _KEPT.format(name)
        wanted = st.session_state.get(key, st.query_params.get(key))
        found[name] = st.session_state[key] = wanted if wanted in choices else choices[0]
        selection.write(key, None if found[name] == choices[0] else found[name])
    return found


def keep(event: Any) -> None:
    """Keeps what a hand chose in the deck."""
    if not isinstance(event, Mapping):
        return
    for name, choices in _CHOICES.items():
        if event.get(name) in choices:
            st.session_state[_KEPT.format(name)] = event[name]
