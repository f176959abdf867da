"""Who may come in: this computer, and others with a key where the app lets them; all else gets a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import RoomError
from pages.meeting.access import COOKIE, OPTION, ROOM_COOKIE, Access, Guard, is_loopback

LOCAL = ("127.0.0.1", 50000)
AWAY = ("192.168.1.77", 50000)
ROOM = "AAAA-BBBB-CCCC"


async def greet(socket: WebSocket) -> None:
    """A line that is there."""
    await socket.accept()
    await socket.send_text("here")
    await socket.close()


def site(access: Access, client: tuple[str, int], host: str) -> TestClient:
    """The server behind its guard, as somebody at `client` asks it by the name `host`."""
    answers = [
        Route("/r/{key}", lambda _: PlainTextResponse("short")),
        Route("/{page:path}", lambda _: PlainTextResponse("page")),
        WebSocketRoute("/{page:path}", greet),
    ]
    app = Starlette(routes=answers, middleware=[Middleware(Guard, access=access)])
    return TestClient(app, base_url=f"http://{host}", client=client, follow_redirects=False)


def opened() -> Access:
    return Access(["app.py", OPTION], lambda key: key == ROOM)


CLOSED = Access(["app.py", "--other", "studies"], lambda key: key == ROOM)


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501"])
def test_this_computer_needs_no_key(host: str) -> None:
    for access in (CLOSED, opened()):
        assert site(access, LOCAL, host).get("/thresholds").text == "page"


@pytest.mark.parametrize(
    ("client", "host", "headers"),
    [
        (AWAY, "192.168.1.20:8501", {}),
        (AWAY, "localhost:8501", {}),
        (LOCAL, "lab.example.org", {}),  # a proxy of this computer, or a name that was made to point here
        (LOCAL, "localhost:8501", {"X-Forwarded-For": "192.168.1.77"}),
        (LOCAL, "localhost:8501", {"Forwarded": "for=192.168.1.77"}),
    ],
)
def test_others_get_a_sentence_and_no_line(client: tuple[str, int], host: str, headers: Mapping[str, str]) -> None:
    answer = site(CLOSED, client, host).get("/", headers=headers)
    assert answer.status_code == 403
    assert "answers on its own computer only" in answer.text
    assert "--open" in answer.text
    answer = site(opened(), client, host).get("/?key=WRNG-WRNG-WRNG", headers=headers)
    assert answer.status_code == 403
    assert "has no key" in answer.text
    assert COOKIE not in answer.cookies
    with pytest.raises(WebSocketDisconnect), line(site(opened(), client, host), headers):
        pass


def test_the_key_of_the_address_becomes_a_cookie_and_leaves_the_address() -> None:
    access = opened()
    assert access.key is not None
    client = site(access, AWAY, "192.168.1.20:8501")
    answer = client.get(f"/saliency?study=a%20b&key={access.key.lower()}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "saliency?study=a+b"
    kept = answer.headers["set-cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert client.get("/saliency?study=a+b").text == "page"
    with line(client) as words:
        assert words == "here"


def test_an_apps_key_is_of_one_start() -> None:
    first, second = opened(), opened()
    client = site(second, AWAY, "192.168.1.20:8501")
    assert first.key != second.key
    assert client.get("/", headers={"Cookie": f"{COOKIE}={first.key}"}).status_code == 403


def test_the_key_of_an_open_room_lets_in_where_the_app_lets_others_in() -> None:
    kept = {"Cookie": f"{ROOM_COOKIE}={ROOM}"}
    assert site(opened(), AWAY, "192.168.1.20").get("/", headers=kept).text == "page"
    assert site(CLOSED, AWAY, "192.168.1.20").get("/", headers=kept).status_code == 403
    ended = {"Cookie": f"{ROOM_COOKIE}=DDDD-DDDD-DDDD"}
    assert site(opened(), AWAY, "192.168.1.20").get("/", headers=ended).status_code == 403


def test_the_key_of_a_room_does_not_take_the_place_of_the_apps() -> None:
    """Who has both is let in after the room has ended."""
    access = opened()
    both = {"Cookie": f"{COOKIE}={access.key}; {ROOM_COOKIE}=DDDD-DDDD-DDDD"}
    assert site(access, AWAY, "192.168.1.20").get("/", headers=both).text == "page"


def test_several_processes_know_one_key_that_is_given() -> None:
    given = "7kq4mx2p-t9hd"
    first, second = (Access(["app.py", OPTION], lambda _: False, base, given) for base in ("/1", "/2"))
    assert first.key == second.key == "7KQ4-MX2P-T9HD"
    assert first.words(8501).rstrip().endswith(":8501/1/?key=7KQ4-MX2P-T9HD")
    client = site(first, AWAY, "lab.example.org")
    assert "Path=/;" in client.get(f"/1/?key={given}").headers["set-cookie"]
    kept = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    assert site(second, AWAY, "lab.example.org").get("/2/", headers=kept).text == "page"
    assert Access(["app.py"], lambda _: False, "", given).key is None
    for wrong in ("secret", "7KQ4-MX2P-T9H0", "7KQ4-MX2P-T9HDD"):
        with pytest.raises(RoomError, match="holds no key"):
            Access(["app.py", OPTION], lambda _: False, "", wrong)


def test_a_short_address_is_looked_at_by_its_own_route_and_only_where_others_come_in() -> None:
    assert site(opened(), AWAY, "192.168.1.20").get(f"/r/{ROOM}").text == "short"
    assert site(CLOSED, AWAY, "192.168.1.20").get(f"/r/{ROOM}").status_code == 403
    for path in (f"/r/x/{ROOM}", f"/x/r/{ROOM}", "/r/", "/r"):
        assert site(opened(), AWAY, "192.168.1.20").get(path).status_code == 403
    below = Access(["app.py", OPTION], lambda key: key == ROOM, "/lab")
    assert site(below, AWAY, "192.168.1.20").get(f"/r/{ROOM}").status_code == 403


def test_the_terminal_says_the_address_with_the_key() -> None:
    access = opened()
    assert access.words(8501).rstrip().endswith(f":8501/?key={access.key}")
    assert CLOSED.words(8501) == ""


def test_names_of_this_computer() -> None:
    assert all(map(is_loopback, ["localhost", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "app.localhost"]))
    assert not any(
        map(is_loopback, ["", "0.0.0.0", "::ffff:192.168.1.20", "192.168.1.20", "localhost.example.org", "example.org"])
    )


@contextmanager
def line(client: TestClient, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """The first words of a line."""
    address = str(client.base_url).replace("http", "ws", 1)
    with client.websocket_connect(f"{address}/room/x", headers=dict(headers or {})) as socket:
        yield socket.receive_text()
