"""Which studies there are by now, for the picker, which asks when somebody comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pages.shared import server

if TYPE_CHECKING:
    from starlette.requests import Request


def routes() -> list[Route]:
    """What the app's server answers, below its base path."""
    return [Route(f"{server.base_path()}/studies", _answer)]


async def _answer(request: Request) -> Response:
    """What stands for the studies that are there, and tells nothing of them."""
    from pages.shared import studies

    if not server.is_from_own_page(request):
        return Response(status_code=404)
    stamp = await run_in_threadpool(lambda: studies.stamp_of(studies.found_here()))
    return PlainTextResponse(stamp, headers=server.PRIVATE)
