"""The lines of a room over the server: who hears what, and what those are told who cannot come in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from core.room import Room
from pages.meeting import routes

VIEW = {"kind": "view", "address": "thresholds?study=a&finding=Edema", "title": "Thresholds"}
MOVE = {"kind": "move", "token": "t", "values": [0.1], "uppers": None, "finding": "Edema"}
MOVE |= {"place": 0, "is_held": True}


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes.routes()), follow_redirects=False) as made:
        yield made


@pytest.fixture
def room() -> Iterator[Room]:
    opened = routes.ROOMS.open()
    yield opened
    routes.ROOMS.close(opened)


def until(line: WebSocketTestSession, kind: str) -> dict[str, Any]:
    """The next message of a kind."""
    for _ in range(20):
        message: dict[str, Any] = json.loads(line.receive_text())
        if message["kind"] == kind:
            return message
    raise AssertionError(kind)


def test_a_move_goes_from_the_presenter_to_those_who_follow(client: TestClient, room: Room) -> None:
    with client.websocket_connect(f"/room/{room.key}") as presenter:
        presenter.send_json({"kind": "present", "secret": room.secret})
        assert until(presenter, "count")["followers"] == 0
        with client.websocket_connect(f"/room/{room.key.lower()}") as follower:
            follower.send_json({"kind": "follow"})
            assert until(presenter, "count")["followers"] == 1
            presenter.send_json(VIEW)
            assert until(follower, "view")["address"] == VIEW["address"]
            presenter.send_json(MOVE)
            assert until(follower, "move")["values"] == [0.1]
            presenter.close()
            gone = until(follower, "presenter")
            assert not gone["is_here"]
            assert "connection is gone" in gone["words"]
        routes.ROOMS.close(room)


def test_a_follower_who_goes_leaves_no_seat(client: TestClient, room: Room) -> None:
    with client.websocket_connect(f"/room/{room.key}") as presenter:
        presenter.send_json({"kind": "present", "secret": room.secret})
        until(presenter, "count")
        with client.websocket_connect(f"/room/{room.key}") as follower:
            follower.send_json({"kind": "follow"})
            assert until(presenter, "count")["followers"] == 1
        assert until(presenter, "count")["followers"] == 0


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_wrong_key_and_a_dead_room_are_said(client: TestClient, room: Room, is_closed: bool) -> None:
    key = room.key if is_closed else "AAAA-AAAA-AAAA"
    if is_closed:
        routes.ROOMS.close(room)
    words = "This room is closed" if is_closed else "No room has this key"
    with client.websocket_connect(f"/room/{key}") as line:
        assert words in until(line, "closed")["words"]
        with pytest.raises(WebSocketDisconnect):
            line.receive_text()
    answer = client.get(f"/r/{key}")
    assert answer.status_code == 404
    assert words in answer.text


def test_who_has_another_secret_does_not_present(client: TestClient, room: Room) -> None:
    with client.websocket_connect(f"/room/{room.key}") as line:
        line.send_json({"kind": "present", "secret": room.key})
        assert "does not present" in until(line, "closed")["words"]
    assert not room.has_presenter


def test_a_room_that_closes_says_so_to_those_in_it(client: TestClient, room: Room) -> None:
    with client.websocket_connect(f"/room/{room.key}") as line:
        line.send_json({"kind": "follow"})
        until(line, "presenter")
        routes.ROOMS.close(room)
        assert "closed the room" in until(line, "closed")["words"]
        with pytest.raises(WebSocketDisconnect):
            line.receive_text()


def test_another_sites_page_gets_no_line(client: TestClient, room: Room) -> None:
    origin = {"Origin": "http://elsewhere.example"}
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"/room/{room.key}", headers=origin):
        pass
    with client.websocket_connect(f"/room/{room.key}", headers={"Origin": "http://testserver"}) as line:
        line.send_json({"kind": "follow"})
        until(line, "presenter")


def test_a_short_address_leads_to_where_the_presenter_is(client: TestClient, room: Room) -> None:
    answer = client.get(f"/r/{room.key.replace('-', '').lower()}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"../?follow={room.key}"
    seat = room.present(room.secret, lambda: None)
    room.hear(seat, VIEW)
    answer = client.get(f"/r/{room.key}")
    assert answer.headers["location"] == f"../thresholds?study=a&finding=Edema&follow={room.key}"
    assert f"cxr_room={room.key}" in answer.headers["set-cookie"]
