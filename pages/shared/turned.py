"""How a hand has turned what it looks at in the browser, as numbers by name: in the session and in the address.

The browser tells it when the hand rests, by a parcel in a fragment of its own, so that nothing is drawn again.
`Turned` of turned.js is its other half.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from pages.shared import selection
from pages.shared.components import parcel_key

_EVENT: Final = "turned"


@dataclass(frozen=True)
class Turnable:
    """What can be turned. address : its parameter.  limits : of every number, lowest and highest.

    send : the parcel that brings the browser what it begins with.
    """

    address: str
    limits: Mapping[str, tuple[float, float]]
    send: Callable[..., Any]

    @property
    def key(self) -> str:
        """Of what the session keeps."""
        return f"turned-{self.address}"

    def read(self, text: str) -> dict[str, float] | None:
        """The numbers of an address, "zoom:2.5,x:0.25"; None where it is none of these."""
        pairs = [part.split(":") for part in text.split(",") if part]
        try:
            return self.checked({name: float(value) for name, value in pairs})
        except ValueError:
            return None

    def checked(self, numbers: Any) -> dict[str, float] | None:
        """Numbers by name that a browser sent; None where a name is unknown or a number beyond its limits."""
        if not isinstance(numbers, Mapping) or not set(numbers) <= set(self.limits):
            return None
        for name, value in numbers.items():
            low, high = self.limits[name]
            if not isinstance(value, int | float) or not math.isfinite(value) or not low <= value <= high:
                return None
        return {name: float(numbers[name]) for name in self.limits if name in numbers}


def written(numbers: Mapping[str, float]) -> str:
    """Numbers as an address holds them; "" for none."""
    return ",".join(f"{name}:{value:.10g}" for name, value in numbers.items())


@st.fragment
def keep(what: Turnable, of: str) -> None:
    """Send the browser how it was turned, take what it tells, and write that into the address.

    of : what is turned, a map among several; each is kept as it was turned last.
    """
    kept: dict[str, dict[str, float]] = st.session_state.setdefault(what.key, {})
    if not kept:
        kept[of] = _asked(what)
    numbers = kept.setdefault(of, {})
    selection.write(what.address, written(numbers) or None)
    what.send(
        key=what.address,
        data={"of": of, "numbers": numbers, "arrival": selection.arrival()},
        on_turned_change=lambda: take(what, st.session_state[parcel_key(what.address)][_EVENT]),
    )


def take(what: Turnable, event: Any) -> None:
    """Keeps what a browser says; what it cannot mean changes nothing, nor does what it said of an address before."""
    if not isinstance(event, Mapping) or event.get("arrival") != selection.arrival():
        return
    numbers = what.checked(event.get("numbers"))
    if numbers is not None and isinstance(event.get("of"), str):
        st.session_state.setdefault(what.key, {})[event["of"]] = numbers


def _asked(what: Turnable) -> dict[str, float]:
    text = st.query_params.get(what.address, "")
    numbers = what.read(text)
    if numbers is None:
        selection.say_absent(f"{what.address}: {text}")
    return numbers or {}
