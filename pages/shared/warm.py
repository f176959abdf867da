"""What the server does while the first browser still loads: imports, and the study that the app opens on."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from core.errors import CoreError


@asynccontextmanager
async def warm(app: st.App) -> AsyncIterator[None]:
    """The server's life: begins with a thread that loads what the first page needs; nothing waits for it."""
    threading.Thread(target=load_first_page, name="warm", daemon=True).start()
    yield


def load_first_page() -> None:
    """Imports what the overview imports and reads the first study; what is wrong with it the page will say."""
    from pages.shared import cache, studies

    try:
        for path in list(studies.find_studies(studies.named_folders(sys.argv, os.environ)).values())[:1]:
            cache.report(cache.opened(path), "test", "paper")
    except CoreError:
        return
