"""One way to make a component from the files of its folder, and what is sent apart from it: its parcels.

Streamlit sends a component's data and its script anew whenever any byte of either differs. What is large, what changes
often and the script therefore go apart. What is the same as before travels as a reference of about 100 bytes where it
is larger than Streamlit's limit for that (10 kB), and not at all where the fragment that it is called in does not run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages.shared.components.scripts import joined

_PARCEL: Final = Path(__file__).resolve().parent / "parcel.js"


def register(name: str, script: Path, *, html: str, css: Path | tuple[Path, ...] = ()) -> Any:
    """Register a component, and return what mounts it.

    script : the module whose default export draws it.  html : what it begins with.  css : the files of its styles.
    """
    files = (css,) if isinstance(css, Path) else css
    styles = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return st.components.v2.component(name, html=f"{html}\n", css=styles or None, js=joined(script))


def parcel(name: str) -> Any:
    """Register a parcel, and return what sends it: called like any component, with `data`, `key` and callbacks.

    name : by which `Parcels` of parcels.js finds it; one of a name is on a page. It takes no room there.
    """
    return register(name, _PARCEL, html="<i></i>")
