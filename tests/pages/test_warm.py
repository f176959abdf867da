"""Two threads that import one package at once may each see half of it: pages wait until the server has imported."""

from __future__ import annotations

import threading

import pytest

from pages.shared import studies, warm


def test_a_page_waits_until_the_server_has_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = threading.Lock()
    monkeypatch.setattr(warm, "_importing", lock)
    monkeypatch.setattr(studies, "named_folders", lambda *_: [])
    warm.wait_for_imports()  # nothing is imported, as where a page runs without the app
    lock.acquire()
    page = threading.Thread(target=warm.wait_for_imports, daemon=True)
    page.start()
    page.join(0.2)
    assert page.is_alive()
    warm.load_first_page()
    page.join(10)
    assert not page.is_alive()
