"""Python's figures of a move, which the deck asks for apart from its page.

A page answers when it runs again, and the browser shows that when Streamlit has drawn all of it: several times what the
figures take. They come from here meanwhile, and are the page's own, to the bit.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.recent import Recent
from pages.shared import server

if TYPE_CHECKING:
    from starlette.requests import Request

    from core.study import Study
    from pages.shared.working_thresholds import WorkingThresholds

_ADDRESS: Final = "moves"
_KEY: Final = "threshold-deck-asks"
_MOST_BYTES: Final = 100_000


@dataclass(frozen=True)
class Standing:
    """What a session's deck showed when its page ran last.

    token, truth : of the counts that the browser has, and the position of the truth dial under which it counts.
    """

    study: Study
    split: str
    now: WorkingThresholds
    epoch: str
    token: str
    truth: str | None


_standing: Recent[str, Standing] = Recent(64)
"""Sessions that are answered: those whose page ran last."""


def offer(standing: Standing) -> str:
    """Answer moves of this session's deck from now on, and give the address to ask; nobody else knows it.

    It begins where the app begins: `addressOf` of addresses.js makes it whole.
    """
    key: str = st.session_state.setdefault(_KEY, secrets.token_urlsafe(16))
    _standing.put(key, standing)
    return f"{_ADDRESS}/{key}"


def routes() -> list[Route]:
    """What the app's server answers, below its base path."""
    return [Route(f"{server.base_path()}/{_ADDRESS}/{{key}}", _answer, methods=["POST"])]


async def _answer(request: Request) -> Response:
    """The figures of a move; 404 where no deck is known by that key, 409 where it shows something else by now."""
    standing = _standing.get(request.path_params["key"])
    if standing is None or not server.is_from_own_page(request):
        return Response(status_code=404)
    try:
        if int(request.headers.get("content-length", "0")) > _MOST_BYTES:
            return Response(status_code=413)
        asked = await request.json()
        figures = await run_in_threadpool(_figures, standing, asked)
    except (ValueError, TypeError, AttributeError):
        return Response(status_code=400)
    return Response(status_code=409) if figures is None else JSONResponse(figures, headers=server.PRIVATE)


def _figures(standing: Standing, asked: dict[str, Any]) -> dict[str, Any] | None:
    """None where the move is of another deck."""
    from pages.shared.cache import films_of
    from pages.shared.working_thresholds import moved
    from pages.thresholds.answer import answer
    from pages.thresholds.deck.component import Move

    move = Move.read(asked, len(standing.study.classes))
    shown = (standing.epoch, standing.token, standing.truth)
    if move is None or (move.epoch, asked.get("token"), asked.get("truth")) != shown:
        return None
    films = films_of(standing.study, standing.split)
    return answer(standing.study, standing.split, moved(standing.now, move.values, films, move.number, move.uppers))
