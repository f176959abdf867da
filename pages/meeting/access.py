"""Who may come in: this computer always, others with a key, and only where the app was started to let them in."""

from __future__ import annotations

import html
import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response

from core.errors import CoreError, RoomError
from core.room.keys import are_same, is_key, new_key, read_key

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

OPTION: Final = "--open"
"""After `--` of `streamlit run app.py`: others may come in, with a key."""
COOKIE: Final = "cxr_key"
ROOM_COOKIE: Final = "cxr_room"
"""A room's key, below the path of the process that holds the room; the app's own key stands beside it."""
GIVEN: Final = "CXR_KEY"
"""In the environment: the app's key, where several processes behind one address must know the same."""
_KEY: Final = "key"
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""What a proxy adds: who asks through one is elsewhere, though the proxy is here."""
_CLOSED: Final = RoomError(
    "This app answers on its own computer only.",
    remedy=f"Whoever runs it lets others in by `streamlit run app.py --server.address 0.0.0.0 -- {OPTION}`.",
)
_NO_KEY: Final = RoomError(
    "This address has no key, or one of before the app was started anew.",
    remedy="Open the whole address that the app's terminal shows, or the presenter's.",
)


class Access:
    """Which keys let others in: the app's own, given or made anew at every start, and those of open rooms."""

    def __init__(self, argv: Sequence[str], has_room: Callable[[str], bool], base: str = "", given: str = "") -> None:
        """Make the key, where the option is there.

        has_room : whether an open room has a key.  base : the path below which the app answers, "/lab" or "".
        given : the key to use; "" for a new one. Raises RoomError where it is none.
        """
        self.key = (_given(given) if given else new_key()) if OPTION in argv[1:] else None
        self._has_room, self._base = has_room, base
        self._short = re.compile(re.escape(f"{base}/r/") + "[^/]+")

    def lets_in(self, scope: Scope) -> bool:
        """Whether a request comes from this computer, or with a key."""
        if is_local(scope):
            return True
        headers = Headers(scope=scope)
        own, room = _cookie(headers, COOKIE), _cookie(headers, ROOM_COOKIE)
        return self.key is not None and (self.knows(own) or self._has_room(room))

    def is_short(self, scope: Scope) -> bool:
        """Whether a room's short address is asked for: its own route looks at its key."""
        return self.key is not None and scope["type"] == "http" and bool(self._short.fullmatch(scope["path"]))

    def knows(self, key: str) -> bool:
        """Whether this is the app's own key."""
        return self.key is not None and are_same(read_key(key), self.key)

    def words(self, port: int) -> str:
        """What the terminal says: the address for others; "" where none are let in."""
        if self.key is None:
            return ""
        return f"  Others come in by {address_of_host()}:{port}{self._base}/?{_KEY}={self.key}\n"


def _given(key: str) -> str:
    """The key in the environment, as it was made."""
    if not is_key(key):
        raise RoomError(
            f"{GIVEN} holds no key: 12 letters and digits were expected, without 0, 1, I and O.",
            remedy=f"Take one that the app shows when it is started without {GIVEN}.",
        )
    return read_key(key)


class Guard:
    """Lets through what `Access` lets in; all else is answered with a sentence. A right key becomes a cookie."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        """Keep what answers. app : the rest of the server."""
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan" or self.access.lets_in(scope) or self.access.is_short(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if not any(name == _KEY and self.access.knows(value) for name, value in asked):
            return refusal(_CLOSED if self.access.key is None else _NO_KEY)
        rest = urlencode([(name, value) for name, value in asked if name != _KEY])
        page = scope["path"].rsplit("/", 1)[-1]
        return with_key(RedirectResponse(f"{page or '.'}{'?' if rest else ''}{rest}", status_code=303), self.access.key)


def with_key(answer: Response, key: str | None, *, name: str = COOKIE, path: str = "/") -> Response:
    """An answer after which the browser has a key; only this app's requests carry it, and no script reads it.

    path : of the requests that carry it.
    """
    if key is not None:
        answer.set_cookie(name, key, httponly=True, samesite="lax", path=path)
        answer.headers["referrer-policy"] = "no-referrer"
    return answer


def refusal(error: CoreError, status: int = 403) -> Response:
    """A page of two sentences."""
    words = f"<p>{html.escape(error.message)}</p><p>{html.escape(error.remedy)}</p>"
    style = "body{font:1.2rem system-ui;margin:15vh auto;max-width:34rem;padding:0 1rem;color-scheme:light dark}"
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Not open</title><style>{style}</style>{words}'
    return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


def is_local(scope: Scope) -> bool:
    """Whether a request was made on this computer, by a name of this computer, and through no proxy."""
    headers = Headers(scope=scope)
    client = scope.get("client")
    if client is None or any(name in headers for name in _FORWARDED):
        return False
    return is_loopback(client[0]) and is_loopback(urlsplit(f"//{headers.get('host', '')}").hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a name or number is this computer's, as it calls itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def address_of_host() -> str:
    """This computer's address in its network, "http://192.168.1.20"; its name where it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # of a network that is nowhere: only the way out of here is looked up
            return f"http://{probe.getsockname()[0]}"
        except OSError:
            return f"http://{socket.gethostname()}"


def _cookie(headers: Headers, name: str) -> str:
    """The key that a browser was given under a name; "" for none."""
    try:
        kept = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return "" if kept is None else kept.value
