"""The process that makes one map: `python -m core.projection.worker STUDY REQUEST PROGRESS`, REQUEST being JSON."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import CoreError
from core.metrics.arrays import FloatArray
from core.metrics.map_quality import map_quality
from core.projection.cache import finished_map, keep_map
from core.projection.jobs import MapProgress, write_progress
from core.projection.methods import method_named, turned_onto
from core.projection.request import MapRequest
from core.projection.umap import Progress
from core.settings.titles import encoder_title
from core.study import Study, layout, open_study

BEAT_S = 1.0
"""Seconds between two signs of life."""


def make_map(study: Study, request: MapRequest, progress: Progress) -> tuple[FloatArray, dict[str, Any]]:
    """Compute the points (n, n_components) float32 and what is to be known of them.

    The map of a second encoder starts from the first one's by the same method and parameters, which is made and kept
    first where it is not there, and is turned onto it, so that films stay near where the eye left them.
    Raises MapError where the method cannot do it.
    """
    method, begun = method_named(request.method), time.monotonic()
    method.require_room(len(study.image_ids))
    embeddings = np.asarray(study.image_embeddings(request.encoder))
    first = _first(study, request)
    start = None if first is None else _map_of(study, first, progress)
    points = method.make(embeddings, request, start, progress)
    points = points if start is None else turned_onto(points, start)
    progress(0, 0, "measuring how far neighbours were kept")
    quality = map_quality(embeddings, points, metric=request.metric)
    stated = asdict(request)
    parameters = {name: stated[name] for name in method.parameters}
    return points, {
        "method": method.name,
        **parameters,
        "library": method.version,
        "aligned_with": None if first is None else first.encoder,
        "quality": quality.to_json(),
        "seconds": round(time.monotonic() - begun, 2),
    }


def _first(study: Study, request: MapRequest) -> MapRequest | None:
    """The same map of the study's first encoder with embeddings; None where that is the request's own."""
    encoders = [name for name in study.encoders if study.has(layout.image_embeddings_part(name))]
    return None if request.encoder == encoders[0] else replace(request, encoder=encoders[0])


def _map_of(study: Study, request: MapRequest, progress: Progress) -> FloatArray:
    """A map from the cache, or made and put there."""
    found = finished_map(study, request)
    if found is not None:
        return found.points
    said = f"first the {encoder_title(request.encoder).lower()} encoder's map, "
    points, record = make_map(study, request, lambda done, total, what: progress(done, total, said + what))
    keep_map(study, request, points, record)
    return points


@contextmanager
def _alive(path: Path) -> Iterator[Progress]:
    """A progress callback whose last word is written every second, also while a library says nothing."""
    last, over = [MapProgress("running", what="starting")], threading.Event()

    def tell(done: int, total: int, what: str) -> None:
        last[0] = MapProgress("running", done, total, what)

    def beat() -> None:
        while not over.wait(BEAT_S):
            write_progress(path, last[0])

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        over.set()
        thread.join()


def main(arguments: list[str]) -> int:
    """Make one map; return 0 when it is in the cache, 1 when the progress file says why it is not.

    arguments : the study's folder, the request as JSON, the progress file.
    """
    root, asked, path = arguments[0], arguments[1], Path(arguments[2])
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _alive(path) as tell:
            study, request = open_study(root), MapRequest.from_json(asked)
            points, record = make_map(study, request, tell)
            keep_map(study, request, points, record)
    except CoreError as error:
        write_progress(path, MapProgress("failed", error=f"{error.message} {error.remedy}"))
        return 1
    except Exception as error:  # whatever a library raises; the app shows it
        said = f"The map could not be made ({type(error).__name__}: {' '.join(str(error).split())[:200]})."
        write_progress(path, MapProgress("failed", error=f"{said} Try other parameters."))
        return 1
    path.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
