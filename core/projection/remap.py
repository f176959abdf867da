"""Making the maps of a finished study, or making them anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import StudyError
from core.metrics.arrays import FloatArray
from core.metrics.map_quality import MapQuality, map_quality
from core.models.arrays import Progress, no_progress
from core.projection.methods import FEWEST
from core.projection.umap import ProjectionOptions, project, projection_record
from core.study import Study, layout, open_study
from core.study.rewrite import changing, rewrite_study


def remap_study(
    root: Path, options: ProjectionOptions | None = None, *, progress: Progress = no_progress
) -> tuple[Study, dict[str, dict[int, MapQuality]]]:
    """Give every encoder with embeddings its UMAP in 2-d and 3-d, each started from the first encoder's.

    The study is replaced when the new one is complete and checked; nothing else in it changes, marks that were saved
    meanwhile stay, and its fingerprint is another.
    Returns it with the quality of its maps, by encoder and number of dimensions.
    Raises StudyError, and changes nothing, where there are no embeddings.
    """
    study, options = open_study(root), options or ProjectionOptions()
    encoders = [name for name in study.encoders if study.has(layout.image_embeddings_part(name))]
    if not encoders:
        message = f"{study.root}: holds no image embeddings to make a map of."
        raise StudyError(message, remedy="Import the study again with `--embeddings ENCODER=FILE.npy`.")
    if len(study.image_ids) < FEWEST:
        message = f"{study.root}: holds {len(study.image_ids)} film; a map lays out {FEWEST} or more."
        raise StudyError(message, remedy="Import or build the study again with more films.")
    points, qualities = _all_maps(study, encoders, options, progress)
    parts: dict[str, Any] = {layout.umap_part(name, number): found for (name, number), found in points.items()}
    for name in encoders:
        started_from = None if name == encoders[0] else encoders[0]
        record = projection_record(
            options.within(len(study.image_ids)), started_from=started_from, quality=qualities[name]
        )
        parts[layout.umap_record_part(name)] = (json.dumps(record, indent=2) + "\n").encode()
    with changing(root) as now:
        embeddings = [layout.image_embeddings_part(name) for name in encoders]
        if any(now.manifest.files.get(part) != study.manifest.files[part] for part in embeddings):
            message = f"{study.root}: was replaced by another study while its maps were made."
            raise StudyError(message, remedy="Make them again for the study that is there now.")
        return rewrite_study(now, parts, seeds={**now.manifest.seeds, "projection": options.seed}), qualities


def _all_maps(
    study: Study, encoders: list[str], options: ProjectionOptions, progress: Progress
) -> tuple[dict[tuple[str, int], FloatArray], dict[str, dict[int, MapQuality]]]:
    points: dict[tuple[str, int], FloatArray] = {}
    qualities: dict[str, dict[int, MapQuality]] = {name: {} for name in encoders}
    for number in (2, 3):
        start = None
        for name in encoders:
            embeddings = np.asarray(study.image_embeddings(name))
            found = project(embeddings, number, options, start=start, progress=progress)
            start = found if start is None else start
            points[name, number] = found
            qualities[name][number] = map_quality(embeddings, found, metric=options.metric)
    return points, qualities
