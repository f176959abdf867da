"""What the server answers of a meeting: a room's short address, and the lines of its browsers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

import streamlit as st
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from core.errors import RoomError
from core.room import Room, Rooms, Seat
from core.room.messages import parsed, written
from pages.meeting.access import ROOM_COOKIE, refusal, with_key
from pages.shared.server import base_path

if TYPE_CHECKING:
    from starlette.requests import Request

ROOMS: Final = Rooms()
FOLLOW: Final = "follow"
"""In an address: the key of the room that is followed."""
_PACE_S: Final = 0.02
"""Between two messages to one browser: what changed meanwhile is one message."""
_PATIENCE_S: Final = 10.0
_GONE: Final = (WebSocketDisconnect, RuntimeError, OSError)


def routes() -> list[BaseRoute]:
    """What is answered besides Streamlit, below its base path: `/r/KEY` to come in, `/room/KEY` for the line."""
    return [Route(f"{base_path()}/r/{{key}}", _come_in), WebSocketRoute(f"{base_path()}/room/{{key}}", _line)]


def _come_in(request: Request) -> Response:
    """From a room's short address to where its presenter is."""
    try:
        room = ROOMS.find(request.path_params["key"])
    except RoomError as error:
        return refusal(error, 404)
    begin = f"../{room.address}" + ("&" if "?" in room.address else "?")
    answer = RedirectResponse(begin + urlencode({FOLLOW: room.key}), status_code=303)
    return with_key(answer, room.key, name=ROOM_COOKIE, path=base_path() or "/")


async def _line(socket: WebSocket) -> None:
    """A browser's line: it says first who it is, then hears what its seat's mailbox holds, and is heard."""
    if not _is_own(socket):
        await socket.close(1008)
        return
    await socket.accept()
    try:
        room = ROOMS.find(socket.path_params["key"])
        async with asyncio.timeout(_PATIENCE_S):
            first = parsed(await socket.receive_text())
        waiting, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            with suppress(RuntimeError):  # the server is ending
                loop.call_soon_threadsafe(waiting.set)

        seat = room.present(str(first.get("secret")), wake) if first.get("kind") == "present" else room.join(wake)
    except RoomError as error:
        with suppress(*_GONE):
            await socket.send_text(written("closed", words=f"{error.message} {error.remedy}"))
            await socket.close(4404)
        return
    except (*_GONE, TimeoutError, KeyError):
        return
    await _serve(socket, room, seat, waiting)


async def _serve(socket: WebSocket, room: Room, seat: Seat, waiting: asyncio.Event) -> None:
    sending = asyncio.create_task(_send(socket, seat, waiting))
    try:
        while socket.client_state is WebSocketState.CONNECTED:
            room.hear(seat, parsed(await socket.receive_text()))
    except (*_GONE, KeyError):
        pass
    finally:
        room.leave(seat)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending


async def _send(socket: WebSocket, seat: Seat, waiting: asyncio.Event) -> None:
    """Send what waits, and no more often than a screen shows it."""
    with suppress(*_GONE):
        while True:
            await waiting.wait()
            waiting.clear()
            for message in seat.mailbox.take():
                await socket.send_text(message)
                if '"kind":"closed"' in message[:20]:
                    await socket.close(4404)
                    return
            await asyncio.sleep(_PACE_S)


def _is_own(socket: WebSocket) -> bool:
    """Whether a page of this app asks, and no other site's."""
    origin = socket.headers.get("origin")
    allowed = st.get_option("server.corsAllowedOrigins") or []
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host") or origin in allowed
