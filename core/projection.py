"""UMAP of an embedding space: fitted once at build, stored with its parameters, seed and library version."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from importlib.metadata import version

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ProjectionSettings:
    """umap-learn's own defaults and the seed of arXiv 2506.14136; Euclidean on un-normalised embeddings."""

    n_neighbors: int = 15
    min_dist: float = 0.1
    metric: str = "euclidean"
    seed: int = 42


def project(
    embeddings: npt.NDArray[np.floating],
    n_components: int,
    settings: ProjectionSettings | None = None,
    *,
    start: FloatArray | None = None,
) -> FloatArray:
    """(n, n_components) coordinates of embeddings (n, d); same seed and machine, same coordinates.

    start : coordinates to start from, so that another encoder's map stays near the one that readers know.
    Distances in the plane are not distances between films; those are computed in the original space.
    Source: McInnes, Healy, Melville, arXiv 1802.03426.
    """
    import umap
    from threadpoolctl import threadpool_limits

    settings = settings or ProjectionSettings()
    n_neighbors = max(2, min(settings.n_neighbors, len(embeddings) - 1))
    small = len(embeddings) <= n_components + 2
    # numba leaves another number of threads behind, and sums in another order would change what torch trains next
    with threadpool_limits(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="n_jobs value")
        reducer = umap.UMAP(
            n_neighbors=n_neighbors,
            min_dist=settings.min_dist,
            metric=settings.metric,
            n_components=n_components,
            random_state=settings.seed,
            init="random" if small else "spectral" if start is None else _spread(start),
        )
        return np.asarray(reducer.fit_transform(np.asarray(embeddings, np.float32)), np.float32)


def projection_record(settings: ProjectionSettings, *, started_from: str | None) -> dict[str, object]:
    """What umap.json says of a map."""
    return {**asdict(settings), "library": f"umap-learn {version('umap-learn')}", "started_from": started_from}


def _spread(start: FloatArray) -> FloatArray:
    """Coordinates scaled to umap-learn's own starting range, 0 to 10 on each axis."""
    low, high = start.min(axis=0), start.max(axis=0)
    return np.asarray(10 * (start - low) / np.maximum(high - low, 1e-6), np.float32)
