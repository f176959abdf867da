"""What the server does while the first browser still loads: imports, and the study that the app opens on."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from core.errors import CoreError

_importing = threading.Lock()
"""Taken by the server before its thread begins, and let go by the thread."""


@asynccontextmanager
async def warm(app: st.App) -> AsyncIterator[None]:
    """The server's life: begins with a thread that loads what the first page needs."""
    _importing.acquire()
    threading.Thread(target=load_first_page, name="warm", daemon=True).start()
    yield


def wait_for_imports() -> None:
    """Waits while that thread imports: of a package that two threads import at once, one may see half."""
    with _importing:
        return


def load_first_page() -> None:
    """Imports what the overview imports and reads the first study; what is wrong with it the page will say."""
    try:
        from pages.shared import cache, navigation, studies  # noqa: F401
    finally:
        _importing.release()
    try:
        for path in list(studies.find_studies(studies.named_folders(sys.argv, os.environ)).values())[:1]:
            cache.report(cache.opened(path), "test", "paper")
    except CoreError:
        return
