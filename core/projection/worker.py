"""The process that makes one map: `python -m core.projection.worker STUDY REQUEST PROGRESS`, REQUEST being JSON."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.jobs import Progress, run_job
from core.metrics.arrays import FloatArray
from core.metrics.map_quality import map_quality
from core.projection.cache import finished_map, keep_map
from core.projection.methods import method_named, turned_onto
from core.projection.request import MapRequest
from core.projection.umap import laid_out
from core.settings.titles import encoder_title
from core.study import Study, layout, open_study


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
        **(laid_out(len(embeddings)) if method.name == "umap" else {}),
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


def main(arguments: list[str]) -> int:
    """Make one map; 0 when it is in the cache, 1 when the progress file says why it is not.

    arguments : the study's folder, the request as JSON, the progress file.
    """
    root, asked, path = arguments[0], arguments[1], Path(arguments[2])

    def work(progress: Progress) -> None:
        study, request = open_study(root), MapRequest.from_json(asked)
        points, record = make_map(study, request, progress)
        keep_map(study, request, points, record)

    return run_job(path, work, remedy="Try other parameters.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
