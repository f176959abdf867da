"""Ways to lay films out in a plane or in space. What is slow to import is imported by the method that needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.neighbours import Metric, prepared
from core.projection.request import MapError, MapRequest
from core.projection.umap import Progress, ProjectionOptions, project
from core.registries import find_by_name

FEWEST: Final = 2
"""Films of a map."""
TSNE_UP_TO: Final = 20_000
"""Films that t-SNE is offered for: beyond, scikit-learn's takes tens of minutes."""
_AT_ONCE: Final = 4096
"""Films whose embeddings are read at a time."""


@dataclass(frozen=True)
class MapMethod:
    """A way to make a map.

    parameters : the fields of MapRequest that it uses, beside encoder and n_components.
    make : (embeddings (n, d), request, coordinates to start from or None, progress) -> (n, n_components) float32.
    library : the distribution whose version is stored with the map.
    most_films : what it is offered for; None = any number.
    """

    name: str
    title: str
    words: str
    parameters: tuple[str, ...]
    make: Callable[[FloatArray, MapRequest, FloatArray | None, Progress], FloatArray]
    library: str
    most_films: int | None = None

    def require_room(self, n_films: int) -> None:
        """Raise MapError where there are too many films, or fewer than two."""
        if n_films < FEWEST:
            raise MapError(f"A map of {n_films} film says nothing.", remedy=f"A map needs {FEWEST} films or more.")
        if self.most_films is not None and n_films > self.most_films:
            message = f"{self.title} of {n_films:,} films would take tens of minutes."
            raise MapError(
                message, remedy=f"Take another method: {self.title} is offered up to {self.most_films:,} films."
            )

    @property
    def version(self) -> str:
        """Name the library with its version."""
        return f"{self.library} {version(self.library)}"


def method_named(name: str) -> MapMethod:
    """Find one of MAP_METHODS; MapError for another name."""
    return find_by_name(MAP_METHODS, name, "map method", MapError)


def umap_map(embeddings: FloatArray, request: MapRequest, start: FloatArray | None, progress: Progress) -> FloatArray:
    """Compute a UMAP as in `core.projection.umap`."""
    options = ProjectionOptions(request.n_neighbors, request.min_dist, request.metric, request.seed)
    return project(embeddings, request.n_components, options, start=start, progress=progress)


def pca_map(embeddings: FloatArray, request: MapRequest, start: FloatArray | None, progress: Progress) -> FloatArray:
    """Compute the first principal components; the loading of largest size is positive,
    so that the map is the same always.

    Cosine: of rows of length 1. Fewer dimensions than asked for leave the last coordinates 0.
    """
    n_films, width = embeddings.shape
    mean = sum((block.sum(axis=0) for block in _blocks(embeddings, request.metric)), np.zeros(width)) / n_films
    spread = np.zeros((width, width))
    for block in _blocks(embeddings, request.metric):
        spread += (block - mean).T @ (block - mean)
    _, vectors = np.linalg.eigh(spread)
    first = vectors[:, ::-1][:, : request.n_components]
    largest = np.take_along_axis(first, np.abs(first).argmax(axis=0)[None], axis=0)
    axes = first * np.where(largest < 0, -1, 1)
    found = np.concatenate([(block - mean) @ axes for block in _blocks(embeddings, request.metric)])
    progress(n_films, n_films, "films projected")
    missing = request.n_components - found.shape[1]
    return np.pad(found, ((0, 0), (0, missing))).astype(np.float32)


def _blocks(embeddings: FloatArray, metric: Metric) -> Iterator[FloatArray]:
    """Some rows at a time, in double precision; of length 1 for cosine."""
    for first in range(0, len(embeddings), _AT_ONCE):
        block = np.asarray(embeddings[first : first + _AT_ONCE], dtype=np.float64)
        yield prepared(block, metric) if metric == "cosine" else block


def turned_onto(points: FloatArray, target: FloatArray) -> FloatArray:
    """Move, turn and mirror points (n, c) as a whole, to lie as near as can be to the target (n, c).

    No distance among them changes. Source: Schoenemann, Psychometrika 1966 (orthogonal Procrustes).
    """
    own, other = (np.asarray(part, dtype=np.float64) for part in (points, target))
    own = own - own.mean(axis=0)
    left, _, right = np.linalg.svd(own.T @ (other - other.mean(axis=0)))
    return np.asarray((own @ (left @ right) + other.mean(axis=0)).astype(np.float32))


def tsne_map(embeddings: FloatArray, request: MapRequest, start: FloatArray | None, progress: Progress) -> FloatArray:
    """Compute Barnes-Hut t-SNE, started from the given coordinates or from the principal components.

    Source: van der Maaten, JMLR 2014; Kobak and Berens, Nature Communications 2019 (the start).
    """
    from sklearn.manifold import TSNE

    first = pca_map(embeddings, request, None, lambda *_: None) if start is None else np.asarray(start, np.float32)
    first = 1e-4 * first / max(float(first[:, 0].std()), 1e-12)
    progress(0, 0, "t-SNE under way; it does not tell how far it is")
    model = TSNE(
        n_components=request.n_components,
        perplexity=min(request.perplexity, max(1.0, (len(embeddings) - 1) / 3)),
        metric="euclidean",
        init=first,
        random_state=request.seed,
        n_jobs=1,
    )
    # rows of `prepared` have the metric's neighbours in Euclidean order
    return np.asarray(model.fit_transform(prepared(embeddings, request.metric)), np.float32)


MAP_METHODS: Final[tuple[MapMethod, ...]] = (
    MapMethod(
        "umap",
        "UMAP",
        "Keeps near films near; says nothing of far ones.",
        ("n_neighbors", "min_dist", "metric", "seed"),
        umap_map,
        "umap-learn",
    ),
    MapMethod(
        "pca",
        "PCA",
        "The directions of most spread; straight, so that distances shrink only.",
        ("metric",),
        pca_map,
        "numpy",
    ),
    MapMethod(
        "tsne",
        "t-SNE",
        "Keeps near films near, in clusters of even size.",
        ("perplexity", "metric", "seed"),
        tsne_map,
        "scikit-learn",
        most_films=TSNE_UP_TO,
    ),
)
"""Every way to make a map."""
