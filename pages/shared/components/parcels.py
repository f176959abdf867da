"""Parcels: what a component needs, sent apart from it, so that each travels only when it has changed itself.

Streamlit sends a component's data and its script anew whenever any byte of either differs. What is large, what changes
often and the script therefore go apart. What is the same as before travels as a reference of about 100 bytes where it
is larger than Streamlit's limit for that (10 kB), and not at all where the fragment that it is called in does not run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pages.shared.components.registering import register

_SCRIPT: Final = Path(__file__).resolve().parent / "parcel.js"


def parcel(name: str) -> Any:
    """Register a parcel, and return what sends it: called like any component, with `data`, `key` and callbacks.

    name : by which `Parcels` of parcels.js finds it; one of a name is on a page. It takes no room there.
    """
    return register(name, _SCRIPT, html="<i></i>")
