"""UMAP of an embedding space: fitted once at build, stored with its parameters, seed and library version."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from core.metrics.map_quality import MapQuality
from core.metrics.neighbours import Metric, nearest
from core.projection.graph import fuzzy_graph
from core.projection.placing import place_all

FloatArray = npt.NDArray[np.float32]
Progress = Callable[[int, int, str], None]
_LAYOUT: Final = "steps of the layout"
FITTED_UP_TO: Final = 20_000
"""Films that are laid out; the neighbours of more are found exactly no more in minutes."""


@dataclass(frozen=True)
class ProjectionOptions:
    """umap-learn's own defaults and the seed of arXiv 2506.14136; Euclidean on un-normalised embeddings."""

    n_neighbors: int = 15
    min_dist: float = 0.1
    metric: Metric = "euclidean"
    seed: int = 42

    def within(self, n_films: int) -> ProjectionOptions:
        """Give the options that so many films can be laid out by: no film has more neighbours than there are others."""
        return replace(self, n_neighbors=min(max(2, min(self.n_neighbors, n_films - 1)), n_films))


def project(
    embeddings: npt.NDArray[np.floating],
    n_components: int,
    options: ProjectionOptions | None = None,
    *,
    start: FloatArray | None = None,
    progress: Progress | None = None,
) -> FloatArray:
    """Compute (n, n_components) coordinates of embeddings (n, d); same seed and machine, same coordinates.

    Neighbours are found exactly, by blocked matrix products, and their graph is built in NumPy: the map does not depend
    on the luck of an approximate search, and a process pays for compiling the layout only. umap-learn lays it out.
    start : coordinates to start from, so that another encoder's map stays near the one that readers know.
    progress : told of the search for neighbours and of the steps of the layout.
    Of more than FITTED_UP_TO films so many, drawn by the seed, are laid out, and the others placed among them.
    Distances in the plane are not distances between films; those are computed in the original space.
    Source: McInnes, Healy, Melville, arXiv 1802.03426.
    """
    from numpy.random import RandomState
    from threadpoolctl import threadpool_limits
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    rows = np.asarray(embeddings, np.float32)
    options = (options or ProjectionOptions()).within(len(rows))
    if len(rows) > FITTED_UP_TO:
        return _sampled(rows, n_components, options, start, progress)
    found = nearest(rows, options.n_neighbors, metric=options.metric, with_self=True, progress=progress)
    small = len(rows) <= n_components + 2
    a, b = find_ab_params(1.0, options.min_dist)
    # numba leaves another number of threads behind, and sums in another order would change what torch trains next
    with threadpool_limits():
        points, _ = simplicial_set_embedding(
            rows,
            fuzzy_graph(found.rows, found.distances),
            n_components,
            initial_alpha=1.0,
            a=a,
            b=b,
            gamma=1.0,
            negative_sample_rate=5,
            n_epochs=None,
            init="random" if small else "spectral" if start is None else np.asarray(start, np.float32),
            random_state=RandomState(options.seed),
            metric=options.metric,
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
            tqdm_kwds=_reported(progress),
        )
    return np.asarray(points, np.float32)


def _sampled(
    rows: FloatArray, n_components: int, options: ProjectionOptions, start: FloatArray | None, progress: Progress | None
) -> FloatArray:
    """The map of some films, the same for every encoder, on which the others are placed."""
    fitted = np.sort(np.random.default_rng(options.seed).choice(len(rows), FITTED_UP_TO, replace=False))
    begun = None if start is None else np.asarray(start, np.float32)[fitted]
    points = project(rows[fitted], n_components, options, start=begun, progress=progress)
    return place_all(
        rows,
        fitted,
        points,
        k=options.n_neighbors,
        min_dist=options.min_dist,
        metric=options.metric,
        seed=options.seed,
        progress=progress,
    )


def projection_record(
    options: ProjectionOptions, *, started_from: str | None, quality: Mapping[int, MapQuality] | None = None
) -> dict[str, Any]:
    """Say what umap.json says of an encoder's maps.

    options : that the films were laid out by, `ProjectionOptions.within` their number.
    quality : by number of dimensions.
    """
    record = {**asdict(options), "neighbours": "exact", "library": f"umap-learn {version('umap-learn')}"}
    record |= laid_out(max((found.n_films for found in (quality or {}).values()), default=0))
    measured = {str(number): found.to_json() for number, found in (quality or {}).items()}
    return {**record, "started_from": started_from, **({"quality": measured} if measured else {})}


def laid_out(n_films: int) -> dict[str, int]:
    """Give what a record says where some films alone were laid out: their number, under "laid_out"; else nothing."""
    return {"laid_out": FITTED_UP_TO} if n_films > FITTED_UP_TO else {}


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
