"""What a study says of the maps that it holds, and how good they are."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from core.files import read_json
from core.metrics.map_quality import MapQuality, map_quality
from core.metrics.neighbours import Metric
from core.study import layout

if TYPE_CHECKING:
    from core.study import Study


def map_record(study: Study, encoder: str) -> dict[str, Any]:
    """The parameters, seed and library version of an encoder's maps; empty where the study does not say.

    Raises StudyError where umap.json is damaged.
    """
    part = layout.umap_record_part(encoder)
    if not study.has(part):
        return {}
    record = read_json(study.path(part), remedy="Get the study again.")
    return record if isinstance(record, dict) else {}


def map_quality_of(study: Study, encoder: str, n_components: int = 2, *, k: int = 15) -> MapQuality:
    """As stored beside the map where it was measured at k; computed otherwise (about a second at 3,818 films)."""
    stored = map_record(study, encoder).get("quality", {})
    found = stored.get(str(n_components), {}) if isinstance(stored, dict) else {}
    names = [entry.name for entry in fields(MapQuality)]
    if found.get("n_neighbors") == k and all(isinstance(found.get(name), int | float) for name in names):
        return MapQuality(**{name: found[name] for name in names})
    metric: Metric = "cosine" if map_record(study, encoder).get("metric") == "cosine" else "euclidean"
    points = np.asarray(study.umap(encoder, n_components))
    return map_quality(np.asarray(study.image_embeddings(encoder)), points, k=k, metric=metric)
