"""The app below a path of its host: small pictures and cards are asked for there, however the proxy forwards it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import watching
from tests.browser.server import TIMEOUT_MS, open_page, serving
from tests.browser.test_map import lonely_row, spot_of

pytestmark = pytest.mark.browser
BASE = "lab/cxr"


def test_the_app_knows_its_path(browser: Browser, folder: Path, phantom: str) -> None:
    with serving(folder / "based.log", base_path=BASE) as address:
        look(browser, address, phantom)


def test_the_proxy_takes_the_path_off(browser: Browser, folder: Path, phantom: str) -> None:
    with serving(folder / "stripped.log") as app, stripping(app) as address:
        look(browser, address, phantom)


def look(browser: Browser, address: str, study: str) -> None:
    """Pictures of the nearest films, and a card with its own picture, all from below the path."""
    with watching(browser, address) as seen:
        page, asked = seen.page, []
        page.on("response", lambda response: asked.append((response.status, urlparse(response.url).path)))
        open_page(page, f"{address}/embedding_space?study={study}")
        picture = page.locator(".gallery img").first
        expect(picture).to_have_js_property("complete", True, timeout=TIMEOUT_MS)
        assert int(picture.evaluate("image => image.naturalWidth")) > 50
        page.mouse.move(*spot_of(page, lonely_row(page)))
        expect(page.locator(".film-map .card")).to_contain_text("phantom-", timeout=TIMEOUT_MS)
        films = [(status, path) for status, path in asked if "/films/" in path]
        assert films
        assert all(path.startswith(f"/{BASE}/films/") for _, path in films)
        assert {status for status, _ in films} == {200}
        assert not seen.errors


@contextmanager
def stripping(app: str) -> Iterator[str]:
    """A proxy that serves the app below BASE and takes BASE off what it forwards; a connection carries one request."""
    port = int(urlparse(app).port or 0)
    listener = socket.create_server(("localhost", 0))

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_forward, args=(client, port), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://localhost:{listener.getsockname()[1]}/{BASE}"
    finally:
        listener.close()


def _forward(client: socket.socket, port: int) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        if not (chunk := client.recv(65536)):
            return client.close()
        head += chunk
    first, _, rest = head.partition(b"\r\n")
    method, path, version = first.split(b" ")
    prefix = f"/{BASE}".encode()
    if not path.startswith(prefix):
        client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return client.close()
    if b"upgrade: websocket" not in rest.lower():
        rest = b"Connection: close\r\n" + b"\r\n".join(
            line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")
        )
    try:
        server = socket.create_connection(("localhost", port))
    except OSError:  # a page that is still open asks after the app has ended
        return client.close()
    server.sendall(method + b" " + (path[len(prefix) :] or b"/") + b" " + version + b"\r\n" + rest)
    threading.Thread(target=_pipe, args=(client, server), daemon=True).start()
    return _pipe(server, client)


def _pipe(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
    except OSError:
        pass
    finally:
        for end in (source, target):
            end.close()
