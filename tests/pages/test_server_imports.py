"""What the server does before the first page: imports while pages wait, no more than the page needs, and no search.

Two threads that import one package at once may each see half of it.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st
import streamlit.delta_generator
from streamlit import env_util

from core.paths import PROJECT
from pages.shared import server, studies


def test_a_page_waits_until_the_server_has_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = threading.Lock()
    monkeypatch.setattr(server, "_importing", lock)
    monkeypatch.setattr(studies, "named_folders", lambda *_: [])
    server.wait_for_imports()  # nothing is imported, as where a page runs without the app
    lock.acquire()
    page = threading.Thread(target=server.wait_for_imports, daemon=True)
    page.start()
    page.join(0.2)
    assert page.is_alive()
    server.load_first_page(lambda: lambda study: None)
    page.join(10)
    assert not page.is_alive()


def test_streamlit_does_not_look_through_all_modules_before_the_first_element(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bool] = []
    monkeypatch.setattr(env_util, "is_repl", lambda: looked.append(True))
    monkeypatch.setattr(studies, "named_folders", lambda *_: [])
    monkeypatch.setattr(streamlit.delta_generator, "_use_warning_has_been_displayed", False)

    async def begin() -> None:
        async with server.warming(lambda: lambda study: None)(st.App("app.py")):
            st.empty()

    with ThreadPoolExecutor(1) as apart:  # a browser of another test may run a loop in this thread
        apart.submit(asyncio.run, begin()).result()  # type: ignore[arg-type]
    server.wait_for_imports()
    assert not looked
    monkeypatch.setattr(streamlit.delta_generator, "_use_warning_has_been_displayed", False)
    st.empty()
    assert looked == [True]  # as it does where the server has not begun


def test_the_first_screen_imports_nothing_that_renders_films_or_learns() -> None:
    code = (
        "import sys; from pages.overview import ahead; from pages.shared import cache; from core.paths import STUDIES\n"
        "ahead.prepare()(cache.opened(STUDIES / 'phantom'))\n"
        "print(sorted({'numba', 'scipy', 'sklearn', 'torch', 'umap'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert said.stdout.strip().splitlines()[-1] == "[]"
