"""What a process tells of its load: numbers alone, and only to whom the door is open."""

from __future__ import annotations

from weakref import WeakSet

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from core.turns import Line
from pages.meeting import routes
from pages.meeting.access import COOKIE, OPTION, Access, Guard
from pages.serving import health, turns
from pages.shared import cache
from tests.golden.make_study_v1 import STUDY
from tests.serving.test_looks import another_has_it

PROXIED = {"X-Forwarded-For": "192.168.1.77"}


def client(access: Access) -> TestClient:
    """The route behind the app's door, asked from this computer."""
    app = Starlette(routes=health.routes(), middleware=[Middleware(Guard, access=access)])
    return TestClient(app, base_url="http://localhost:8501", client=("127.0.0.1", 50000))


def closed() -> Access:
    return Access(["app.py"], routes.ROOMS.has)


def test_it_tells_what_there_is_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line("maps", most=5)
    monkeypatch.setattr(turns, "LINES", (line, Line("long", most=5)))
    monkeypatch.setattr(cache, "_OPEN", WeakSet())  # what tests before held open may go at any moment
    before = client(closed()).get("/health").json()
    assert (before["busy"], before["waiting"], before["sessions"]) == (False, 0, 0)
    assert before["version"]["studies"] == 2
    cache._opened.clear()
    study = cache.opened(STUDY)
    assert cache.opened(STUDY) is study
    room = routes.ROOMS.open()
    try:
        with another_has_it(line):
            answer = client(closed()).get("/health")
    finally:
        routes.ROOMS.close(room)
    told = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (told["busy"], told["waiting"]) == (True, 0)
    assert told["studies"] == before["studies"] + 1
    assert told["rooms"] == before["rooms"] + 1
    for name in (study.name, str(study.root), STUDY.name, *study.image_ids, *study.classes):
        assert name not in answer.text


def test_the_memory_is_what_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = health.resident_mb()
    assert told is not None
    assert 20 < told <= most + 1
    monkeypatch.setattr(health, "_STATUS", STUDY / "no such file")
    assert health.resident_mb() is None


def test_only_who_may_come_in_is_told() -> None:
    """Whoever asks through a proxy needs the app's key or that of an open room, where anybody is let in at all."""
    assert client(closed()).get("/health").status_code == 200
    assert client(closed()).get("/health", headers=PROXIED).status_code == 403
    access = Access(["app.py", OPTION], routes.ROOMS.has)
    assert client(access).get("/health", headers=PROXIED).status_code == 403
    kept = {**PROXIED, "Cookie": f"{COOKIE}={access.key}"}
    assert client(access).get("/health", headers=kept).json()["waiting"] == 0
