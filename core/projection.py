"""UMAP of an embedding space: fitted once at build, stored with its parameters, seed and library version."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from core.metrics.map_quality import MapQuality
from core.metrics.neighbours import Metric, nearest

FloatArray = npt.NDArray[np.float32]
Progress = Callable[[int, int, str], None]
_LAYOUT: Final = "steps of the layout"


@dataclass(frozen=True)
class ProjectionSettings:
    """umap-learn's own defaults and the seed of arXiv 2506.14136; Euclidean on un-normalised embeddings."""

    n_neighbors: int = 15
    min_dist: float = 0.1
    metric: Metric = "euclidean"
    seed: int = 42


def project(
    embeddings: npt.NDArray[np.floating],
    n_components: int,
    settings: ProjectionSettings | None = None,
    *,
    start: FloatArray | None = None,
    progress: Progress | None = None,
) -> FloatArray:
    """(n, n_components) coordinates of embeddings (n, d); same seed and machine, same coordinates.

    Neighbours are found exactly, by blocked matrix products: no process pays for compiling an approximate search, and
    the map does not depend on its luck.
    start : coordinates to start from, so that another encoder's map stays near the one that readers know.
    progress : told of the search for neighbours and of the steps of the layout.
    Distances in the plane are not distances between films; those are computed in the original space.
    Source: McInnes, Healy, Melville, arXiv 1802.03426.
    """
    import umap
    from threadpoolctl import threadpool_limits

    settings = settings or ProjectionSettings()
    rows = np.asarray(embeddings, np.float32)
    n_neighbors = max(2, min(settings.n_neighbors, len(rows) - 1))
    small = len(rows) <= n_components + 2
    # numba leaves another number of threads behind, and sums in another order would change what torch trains next
    with threadpool_limits(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="n_jobs value")
        warnings.filterwarnings("ignore", message=r"precomputed_knn\[2\]")
        reducer = umap.UMAP(
            n_neighbors=n_neighbors,
            min_dist=settings.min_dist,
            metric=settings.metric,
            n_components=n_components,
            random_state=settings.seed,
            init="random" if small else "spectral" if start is None else _spread(start),
            precomputed_knn=_neighbours(rows, n_neighbors, settings.metric, progress),
            tqdm_kwds=_reported(progress),
        )
        return np.asarray(reducer.fit_transform(rows), np.float32)


def projection_record(
    settings: ProjectionSettings, *, started_from: str | None, quality: Mapping[int, MapQuality] | None = None
) -> dict[str, Any]:
    """What umap.json says of an encoder's maps; quality : by number of dimensions."""
    record = {**asdict(settings), "neighbours": "exact", "library": f"umap-learn {version('umap-learn')}"}
    measured = {str(number): found.to_json() for number, found in (quality or {}).items()}
    return {**record, "started_from": started_from, **({"quality": measured} if measured else {})}


def _neighbours(rows: FloatArray, k: int, metric: Metric, progress: Progress | None) -> tuple[Any, ...]:
    """Indices (n, k) and distances (n, k), a film its own first neighbour, as umap-learn's precomputed_knn."""
    if len(rows) < k:
        return (None, None, None)
    found = nearest(rows, k, metric=metric, with_self=True, progress=progress)
    return found.rows, found.distances, None


def _reported(progress: Progress | None) -> dict[str, Any] | None:
    """How umap-learn's progress bar, written to a file that only counts, tells of the layout's steps."""
    if progress is None:
        return None
    return {"disable": False, "file": _Counted(progress), "bar_format": "{n_fmt} {total_fmt}", "mininterval": 0.3}


class _Counted(io.StringIO):
    """Reads "done total" as it is written and passes it on."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def write(self, text: str) -> int:
        """The number of characters taken."""
        numbers = text.split()
        if len(numbers) == 2 and all(number.isdigit() for number in numbers):
            self._progress(int(numbers[0]), int(numbers[1]), _LAYOUT)
        return len(text)


def _spread(start: FloatArray) -> FloatArray:
    """Coordinates scaled to umap-learn's own starting range, 0 to 10 on each axis."""
    low, high = start.min(axis=0), start.max(axis=0)
    return np.asarray(10 * (start - low) / np.maximum(high - low, 1e-6), np.float32)
