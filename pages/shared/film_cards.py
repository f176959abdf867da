"""What a film's card on the map says, and its small picture, by an address that the browser asks for on hover.

Served by the app's own server on this computer, to its own pages only, and kept in no browser's cache. What reads films
is imported when one is asked for: the server begins with this module, and would answer half a second later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import CoreError
from core.recent import Recent
from core.words import number_words
from pages.shared import server

if TYPE_CHECKING:
    from starlette.requests import Request

    from core.study import Study

_MOST_CLASSES: Final = 5
_ADDRESS: Final = "films"
"""Below where the app begins: behind a proxy that is not the root of its host, and only the browser knows where."""
_offered: Recent[str, Study] = Recent(8)
_small: Recent[tuple[str, int], bytes] = Recent(4096)


def offer(study: Study) -> str:
    """The address below which the study's films are found by their rows; only studies that were opened are offered.

    It begins where the app begins: `addressOf` of addresses.js makes it whole.
    """
    _offered.put(study.fingerprint, study)
    return f"{_ADDRESS}/{study.fingerprint}/"


def routes() -> list[Route]:
    """What the app's server answers besides Streamlit, below its base path, as Streamlit itself does."""
    address = f"{server.base_path()}/{_ADDRESS}/{{fingerprint}}/{{row:int}}"
    return [Route(address, _answer_card), Route(f"{address}/picture", _answer_picture)]


def card(study: Study, row: int) -> dict[str, Any]:
    """Title, findings and the most telling scores of a film: those of its findings, then the highest of the last
    setting. Without scores `rows` is empty."""
    from core.settings.titles import setting_title

    labels = study.labels[row]
    read = [name for name, value in zip(study.classes, labels, strict=True) if value == 1]
    scores = {name: np.asarray(study.scores(name)[row]) for name in study.settings}
    heads = ["", *(f"{setting_title(name)}, {study.manifest.settings[name].score_kind}" for name in scores)]
    rows = [
        [
            ("✓ " if labels[index] == 1 else "") + study.classes[index],
            *(number_words(part[index], 2) for part in scores.values()),
        ]
        for index in _telling(labels, list(scores.values()))
    ]
    return {
        "title": study.image_ids[row],
        "findings": ", ".join(read) or "no positive label",
        "picture": f"{_ADDRESS}/{study.fingerprint}/{row}/picture",
        "scores": {"heads": heads, "rows": rows},
    }


def _telling(labels: Any, scores: list[Any]) -> list[int]:
    if not scores:
        return []
    order = np.argsort(-np.asarray(scores[-1], dtype=np.float64), kind="stable")
    read = [int(index) for index in order if labels[index] == 1]
    return [*read, *(int(index) for index in order if labels[index] != 1)][:_MOST_CLASSES]


def small_picture(study: Study, row: int) -> bytes:
    """A film as a small JPEG. Raises CoreError where it is nowhere."""
    from core.datasets.films import film_pixels
    from core.study.small_pictures import packed_picture
    from core.study.small_pictures import small_picture as made_small

    offer(study)
    key = study.fingerprint, row
    if (found := _small.get(key)) is None:
        found = packed_picture(study, row) or made_small(film_pixels(study, study.image_ids[row]))
        _small.put(key, found)
    return found


def _asked(request: Request) -> tuple[Study, int] | None:
    """The study and the row; None where there is none, or where another site asks."""
    if not server.is_from_own_page(request):
        return None
    study, row = _offered.get(request.path_params["fingerprint"]), request.path_params["row"]
    return None if study is None or not 0 <= row < len(study.image_ids) else (study, row)


def _answer_card(request: Request) -> Response:
    found = _asked(request)
    return Response(status_code=404) if found is None else JSONResponse(card(*found), headers=server.PRIVATE)


def _answer_picture(request: Request) -> Response:
    found = _asked(request)
    if found is None:
        return Response(status_code=404)
    try:
        return Response(small_picture(*found), media_type="image/jpeg", headers=server.PRIVATE)
    except CoreError as error:
        return Response(error.message, status_code=404)
