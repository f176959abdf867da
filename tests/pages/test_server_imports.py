"""Two threads that import one package at once may each see half of it: pages wait until the server has imported."""

from __future__ import annotations

import threading

import pytest

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
