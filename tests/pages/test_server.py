"""What the app's server does to Streamlit's answers."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pages.shared.server import PageHead

PAGE = b"<!DOCTYPE html><html><head><title>Streamlit</title></head></html>"


def answered(
    headers: list[tuple[bytes, bytes]], *, kind: bytes = b"text/html; charset=utf-8", whole: bytes = PAGE
) -> tuple[bytes, dict[bytes, bytes], list[bytes]]:
    """The body, its headers, and the names of the headers that the rest of the server was asked with."""
    sent: list[dict[str, Any]] = []
    asked: list[bytes] = []

    async def rest(scope: Any, _receive: Any, send: Any) -> None:
        asked.extend(name for name, _ in scope["headers"])
        told = [(b"content-type", kind), (b"content-length", str(len(whole)).encode()), (b"etag", b"old")]
        await send({"type": "http.response.start", "status": 200, "headers": told})
        await send({"type": "http.response.body", "body": whole[:9], "more_body": True})
        await send({"type": "http.response.body", "body": whole[9:]})

    async def send(message: Any) -> None:
        sent.append(message)

    answer = PageHead(rest)({"type": "http", "headers": headers}, None, send)  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as apart:  # a browser of another test may run a loop in this thread
        apart.submit(asyncio.run, answer).result()  # type: ignore[arg-type]
    start, *parts = sent
    return b"".join(part["body"] for part in parts), dict(start["headers"]), asked


def test_a_page_begins_with_script_and_styles_and_says_how_long_it_is() -> None:
    body, headers, asked = answered([(b"accept", b"text/html,*/*"), (b"accept-encoding", b"gzip")])
    assert body.startswith(b"<!DOCTYPE html><html><head><script>// One entry")
    assert b"</script><style>/* What must hold" in body
    assert body.endswith(b"</style><title>Streamlit</title></head></html>")
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in headers
    assert asked == [b"accept"]


def test_all_else_is_passed_on_as_it_is() -> None:
    for accept, kind in ((b"*/*", b"text/html"), (b"text/html", b"image/jpeg")):
        body, headers, _ = answered([(b"accept", accept)], kind=kind)
        assert (body, headers[b"etag"]) == (PAGE, b"old")


def test_a_page_without_a_body_keeps_its_headers() -> None:
    body, headers, _ = answered([(b"accept", b"text/html")], whole=b"")
    assert (body, headers[b"content-length"]) == (b"", b"0")
