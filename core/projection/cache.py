"""Maps that were made on demand, kept outside the study by its fingerprint."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.files import forget_scratch, written_folder
from core.metrics.arrays import FloatArray
from core.paths import cache_folder
from core.projection.request import MapRequest

if TYPE_CHECKING:
    from core.study import Study

KEPT_BYTES: Final = 500_000_000
"""Above this the maps unused for longest go."""
_POINTS, _RECORD = "points.npy", "record.json"


@dataclass(frozen=True, eq=False)
class OtherMap:
    """A map that was made on demand.

    points : (n, 2 or 3) float32.  record : parameters, library, trustworthiness, continuity, seconds.
    """

    request: MapRequest
    points: FloatArray
    record: dict[str, Any]


def cache_root() -> Path:
    """Where maps are kept. They hold coordinates, no film and no label."""
    return cache_folder() / "maps"


def folder_of(study: Study, request: MapRequest) -> Path:
    """The folder of one map of one study."""
    return cache_root() / study.fingerprint / request.key


def finished_map(study: Study, request: MapRequest) -> OtherMap | None:
    """A map that is in the cache; None where it is not, or is damaged. Reading it loads no library of maps."""
    folder = folder_of(study, request)
    try:
        points = np.load(folder / _POINTS, allow_pickle=False)
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        os.utime(folder)
        whole = points.shape == (len(study.image_ids), request.n_components) and points.dtype == np.float32
    except Exception:  # absent or damaged in whatever way: it is made again
        return None
    return OtherMap(request, points, record) if whole and isinstance(record, dict) else None


def keep_map(study: Study, request: MapRequest, points: FloatArray, record: dict[str, Any]) -> None:
    """Puts a map into the cache, whole or not at all, and makes room for it."""
    folder = folder_of(study, request)
    forget_scratch(folder.parent)
    with written_folder(folder) as scratch:
        np.save(scratch / _POINTS, np.ascontiguousarray(points, dtype=np.float32), allow_pickle=False)
        (scratch / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    _make_room(folder)


def _make_room(newest: Path) -> None:
    """Removes maps, unused for longest first, until the rest fit; never the one just made."""
    found = [path.parent for path in cache_root().glob(f"*/*/{_RECORD}")]
    found.sort(key=lambda folder: folder.stat().st_mtime)
    sizes = {folder: sum(path.stat().st_size for path in folder.iterdir()) for folder in found}
    total = sum(sizes.values())
    for folder in found:
        if total > KEPT_BYTES and folder != newest:
            total -= sizes[folder]
            shutil.rmtree(folder, ignore_errors=True)
