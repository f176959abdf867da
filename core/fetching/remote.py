"""What a server says of a file, and the answer that its bytes come in."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any

from core.errors import FetchError

TIMEOUT_S = 20.0
_AGENT = {"User-Agent": "python-core-fetch/1", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class RemoteFacts:
    """None where the server does not say.

    sha256 : in hex, as the Hugging Face hub publishes it.
    """

    n_bytes: int | None
    sha256: str | None
    etag: str | None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects and keeps what the first server said of the file."""

    def __init__(self) -> None:
        self.linked: dict[str, str] = {}

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        for name in ("X-Linked-Etag", "X-Linked-Size"):
            if headers.get(name):
                self.linked.setdefault(name, headers[name].strip('"'))
        onward = super().redirect_request(req, fp, code, msg, headers, newurl)
        if onward is not None:
            onward.method = req.get_method()  # a question stays a question
        return onward


def ask(url: str, by_hand: str) -> RemoteFacts:
    """Ask with one short request. FetchError, at once, where there is no network,
    and where the server has no such file.
    """
    redirects = _Redirects()
    request = urllib.request.Request(url, headers=_AGENT, method="HEAD")
    try:
        with urllib.request.build_opener(redirects).open(request, timeout=TIMEOUT_S) as answer:
            return _facts(answer.headers, redirects.linked)
    except urllib.error.HTTPError as error:
        raise FetchError(f"{url}: the server answered {error.code} ({error.reason}).", remedy=by_hand) from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"{url}: cannot be reached ({reason(error)}).", remedy=by_hand) from error


def open_range(url: str, start: int, etag: str | None) -> Any:
    """Open the answer with the bytes from `start` on;
    the whole file (status 200) where the server cannot or it changed.
    """
    headers: dict[str, str] = dict(_AGENT)
    if start:
        headers["Range"] = f"bytes={start}-"
        if etag and not etag.startswith("W/"):
            headers["If-Range"] = etag
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S)


def begins_at(answer: Any) -> int:
    """Give the position of an answer's first byte: of its Content-Range, else 0."""
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found[1]) if answer.status == 206 and found else 0


def reason(error: BaseException) -> str:
    """Say an error in a few words."""
    return str(getattr(error, "reason", None) or error or type(error).__name__)


def _facts(headers: Message, linked: Mapping[str, str]) -> RemoteFacts:
    size = linked.get("X-Linked-Size") or headers.get("X-Linked-Size") or headers.get("Content-Length") or ""
    published = (linked.get("X-Linked-Etag") or headers.get("X-Linked-Etag") or "").strip('"')
    sha256 = published if re.fullmatch(r"[0-9a-f]{64}", published) else None
    return RemoteFacts(int(size) if size.isdigit() else None, sha256, headers.get("ETag"))
