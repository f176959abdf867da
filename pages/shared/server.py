"""What the app's server does besides Streamlit: loads early what the first page needs, and begins every page.

A page begins with scripts that mend the browser's Back, wait for the menu and fold lines of controls, and with the
styles that hold before anything is painted.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import streamlit as st
import streamlit.delta_generator
from starlette.datastructures import MutableHeaders

from core.errors import CoreError
from core.memory import give_back_memory

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from core.study import Study

Prepare: TypeAlias = "Callable[[], Callable[[Study], None]]"
_HERE: Final = Path(__file__).resolve().parent
_SCRIPTS: Final = (_HERE / "entries.js", _HERE / "arriving.js", _HERE / "lines.js")
_STYLES: Final = _HERE / "head.css"
_BEGIN: Final = b"<head>"
_NOT_PASSED_ON: Final = (b"accept-encoding", b"if-none-match", b"if-modified-since")
"""Of a request for a page: it is answered whole and as text."""
_importing = threading.Lock()
"""Taken by the server before its thread begins, and let go by the thread."""
PRIVATE: Final = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
"""Headers of what is answered to the app's own pages only, and kept in no browser's cache."""


def base_path() -> str:
    """The path below which the app answers, "/lab"; "" for the root."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}" if base else ""


def is_from_own_page(request: Request) -> bool:
    """Whether a page of this app asks, as far as the browser says, and no other site's."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def warming(prepare: Prepare) -> Callable[[st.App], AbstractAsyncContextManager[None]]:
    """The server's life: begins with a thread that makes the first page. prepare : as `load_first_page` takes it."""

    @asynccontextmanager
    async def life(app: st.App) -> AsyncIterator[None]:
        # before its first element Streamlit asks whether `streamlit run` runs it, and walks all modules for that
        streamlit.delta_generator._use_warning_has_been_displayed = True
        give_back_memory()
        _importing.acquire()
        threading.Thread(target=load_first_page, args=(prepare,), name="warm", daemon=True).start()
        yield

    return life


def wait_for_imports() -> None:
    """Waits while that thread imports: of a package that two threads import at once, one may see half."""
    with _importing:
        return


def load_first_page(prepare: Prepare) -> None:
    """Imports what the first page imports and looks at the first study; what is wrong with it the page will say.

    prepare : imports the page, and gives what computes the page of a study.
    """
    try:
        from pages.shared import cache, navigation, studies  # noqa: F401

        look = prepare()
    finally:
        _importing.release()
    try:
        found = studies.found_here()
        if found:
            look(cache.opened(found[studies.usual(found, sys.argv)]))
    except CoreError:
        return


class PageHead:
    """Puts scripts and styles at the head of the page that loads Streamlit's own; passes on all else.

    As parts of a page they would come after it has written its address, and after it has been seen to move.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Keep what answers. app : the rest of the server."""
        self.app = app
        scripts = b"\n".join(path.read_bytes() for path in _SCRIPTS)
        self.head = b"<script>%b</script><style>%b</style>" % (scripts, _STYLES.read_bytes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        asked = [] if scope["type"] != "http" else scope["headers"]
        if b"text/html" not in dict(asked).get(b"accept", b""):
            await self.app(scope, receive, send)
            return
        unpacked = {**scope, "headers": [(name, value) for name, value in asked if name not in _NOT_PASSED_ON]}
        held: list[Message] = []

        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_html(message):
                held.append(message)
            elif held and message["type"] == "http.response.body":
                held.append(message)
                if not message.get("more_body", False):
                    await self._send_whole(held, send)
            else:
                await send(message)

        await self.app(unpacked, receive, pass_on)

    async def _send_whole(self, held: list[Message], send: Send) -> None:
        """Send a page that came in parts, with its head."""
        start, *parts = held
        body = b"".join(part.get("body", b"") for part in parts).replace(_BEGIN, _BEGIN + self.head, 1)
        headers = MutableHeaders(scope=start)
        if body:  # to a request for headers alone there is none
            headers["content-length"] = str(len(body))
        del headers["etag"]  # it names the page without them
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _is_html(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("text/html")
