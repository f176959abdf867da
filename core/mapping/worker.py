"""The process that makes one map: `python -m core.mapping.worker STUDY REQUEST`, REQUEST being JSON."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import CoreError
from core.mapping.cache import keep_map
from core.mapping.jobs import MapProgress, progress_path, write_progress
from core.mapping.methods import method_named
from core.mapping.request import MapRequest
from core.metrics.arrays import FloatArray
from core.metrics.map_quality import map_quality
from core.projection import Progress
from core.study import Study, layout, open_study

BEAT_S = 1.0
"""Seconds between two signs of life."""


def make_map(study: Study, request: MapRequest, progress: Progress) -> tuple[FloatArray, dict[str, Any]]:
    """The points (n, n_components) float32 and what is to be known of them.

    The map of a second encoder starts from the first one's map in the study, so that films stay where the eye left
    them. Raises MapError where the method cannot do it.
    """
    method, begun = method_named(request.method), time.monotonic()
    embeddings = np.asarray(study.image_embeddings(request.encoder))
    source = _start_of(study, request)
    start = None if source is None else np.asarray(study.umap(source, request.n_components))
    points = method.make(embeddings, request, start, progress)
    progress(0, 0, "measuring how far neighbours were kept")
    quality = map_quality(embeddings, points, metric=request.metric)
    parameters = {name: getattr(request, name) for name in method.parameters}
    return points, {
        "method": method.name,
        **parameters,
        "library": method.version,
        "started_from": source,
        "quality": quality.to_json(),
        "seconds": round(time.monotonic() - begun, 2),
    }


def _start_of(study: Study, request: MapRequest) -> str | None:
    """The encoder whose stored map the request's map starts from."""
    first = study.encoders[0]
    is_start = first != request.encoder and study.has(layout.umap_part(first, request.n_components))
    return first if is_start and request.method != "pca" else None


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
    """Makes one map; 0 when it is in the cache, 1 when the progress file says why it is not."""
    study, request = open_study(arguments[0]), MapRequest.from_json(arguments[1])
    path = progress_path(study, request)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _alive(path) as tell:
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
