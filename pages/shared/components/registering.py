"""One way to make a component from the files of its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.components.scripts import joined


def register(name: str, script: Path, *, html: str, css: Path | None = None) -> Any:
    """Register a component, and return what mounts it.

    script : the module whose default export draws it.  html : what it begins with.  css : its styles.
    """
    styles = None if css is None else css.read_text(encoding="utf-8")
    return st.components.v2.component(name, html=f"{html}\n", css=styles, js=joined(script))
