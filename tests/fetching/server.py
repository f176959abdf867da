"""A server on loopback that behaves as badly as networks do: slow, cut off, with a byte flipped on the way."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BLOCK = 1 << 14


@dataclass
class Behaviour:
    """files : by name. cuts : how often an answer is still to be cut off, each after `cut_after` bytes.

    flip : position of a byte that is to be wrong once. sent : bytes sent for each request with a body.
    """

    files: dict[str, bytes]
    cuts: int = 0
    cut_after: int = 40_000
    flip: int | None = None
    pause_s: float = 0.0
    ranges: bool = True
    published: bool = False
    redirects: bool = False
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """The address of a server that behaves so."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"behaviour": behaviour}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def do_HEAD(self) -> None:
        if (content := self._content()) is not None:
            self._head(200, content, 0)

    def do_GET(self) -> None:
        content = self._content()
        if content is None:
            return
        asked = self.headers.get("Range")
        self.behaviour.requests.append((self.path, asked))
        found = re.fullmatch(r"bytes=(\d+)-", asked or "")
        start = int(found[1]) if found and self.behaviour.ranges else 0
        self._head(206 if start else 200, content, start)
        self._send(bytearray(content), start)

    def _content(self) -> bytes | None:
        """The file that is asked for; None where the answer has been given: there is none, or it is elsewhere."""
        name = self.path.removeprefix("/")
        if self.behaviour.redirects and not name.startswith("cdn/"):
            content = self.behaviour.files[name]
            self.send_response(302)
            self.send_header("Location", f"/cdn/{name}")
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.end_headers()
            return None
        if (content := self.behaviour.files.get(name.removeprefix("cdn/"))) is None:
            self.send_error(404)
        return content

    def _head(self, status: int, content: bytes, start: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", f'"{hashlib.md5(content).hexdigest()}"')
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()

    def _send(self, content: bytearray, start: int) -> None:
        end = len(content)
        if self.behaviour.cuts > 0 and start + self.behaviour.cut_after < end:
            self.behaviour.cuts -= 1
            end = start + self.behaviour.cut_after
        self.behaviour.sent.append(end - start)
        flip = self.behaviour.flip
        if flip is not None and start <= flip < end:
            content[flip] ^= 0xFF
            self.behaviour.flip = None
        for position in range(start, end, BLOCK):
            self.wfile.write(content[position : min(position + BLOCK, end)])
            time.sleep(self.behaviour.pause_s)
        if end < len(content):
            self.close_connection = True
            self.connection.close()

    def log_message(self, format: str, *arguments: object) -> None:
        """Silence."""
