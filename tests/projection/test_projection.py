"""UMAP: the same map to the bit, exact neighbours, and another map that starts where the first one lies."""

from __future__ import annotations

import numpy as np
import pytest
from umap.umap_ import fuzzy_simplicial_set

from core.metrics.map_quality import map_quality
from core.metrics.neighbours import nearest
from core.projection import umap
from core.projection.graph import fuzzy_graph
from core.projection.umap import ProjectionOptions, project, projection_record

OPTIONS = ProjectionOptions(n_neighbors=8)


def films(n: int = 150) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=(n, 12)) + 4 * rng.integers(0, 3, (n, 1))).astype(np.float32)


def test_same_seed_same_map_to_the_bit() -> None:
    """And a callback that is told of the progress changes nothing. `tests.benchmarks.umap_fit` compares processes."""
    told: list[tuple[int, int, str]] = []
    here = project(films(), 2, OPTIONS, progress=lambda *entry: told.append(entry))
    assert here.tobytes() == project(films(), 2, OPTIONS).tobytes()
    assert told[0] == (150, 150, "films searched for neighbours")
    assert told[-1] == (500, 500, "steps of the layout")
    other = project(films(), 2, ProjectionOptions(n_neighbors=8, seed=7))
    assert other.tobytes() != here.tobytes()


def test_the_graph_of_neighbours_is_umap_learn_s() -> None:
    """Twins and films that all lie equally far included."""
    rows = films(60)
    rows[7] = rows[8]
    rows = np.vstack([rows, 50 * np.eye(12, dtype=np.float32)])
    found = nearest(rows, 8, with_self=True)
    got = fuzzy_graph(found.rows, found.distances).toarray()
    expected, *_ = fuzzy_simplicial_set(
        rows, 8, np.random.RandomState(0), "euclidean", knn_indices=found.rows, knn_dists=found.distances
    )
    np.testing.assert_allclose(got, expected.toarray(), atol=1e-4)


def test_umap_gets_exact_neighbours_itself_first() -> None:
    rows = films()
    found = nearest(rows, 8, with_self=True)
    distances = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.testing.assert_array_equal(found.rows[:, 0], np.arange(len(rows)))
    np.testing.assert_allclose(found.distances, np.sort(distances, axis=1)[:, :8], atol=1e-4)


def test_films_stay_where_the_eye_left_them() -> None:
    """Slightly changed embeddings, started from a mirrored map, stay mirrored; a start of their own cannot know."""
    rows = np.random.default_rng(2).normal(size=(150, 3)).astype(np.float32) * [4, 2, 1]
    seen = project(rows, 2, OPTIONS) * np.array([-1, 1], dtype=np.float32)
    changed = rows + np.random.default_rng(1).normal(0, 0.1, rows.shape)
    started, alone = project(changed, 2, OPTIONS, start=seen), project(changed, 2, OPTIONS)
    assert _misfit(seen, started) < 0.5 * _misfit(seen, alone)


def _misfit(before: np.ndarray, after: np.ndarray) -> float:
    """How far films moved, as a share of the map's size; neither turned nor mirrored, as a reader sees it."""
    first, second = ((points - points.mean(axis=0)) / points.std() for points in (before, after))
    return float(np.linalg.norm(first - second, axis=1).mean())


def test_three_dimensions_and_few_films() -> None:
    assert project(films(40), 3, OPTIONS).shape == (40, 3)
    assert np.isfinite(project(films(4), 2, OPTIONS)).all()


def test_the_record_says_how_the_map_was_made_and_how_good_it_is() -> None:
    rows = films()
    record = projection_record(
        OPTIONS.within(len(rows)), started_from=None, quality={2: map_quality(rows, rows[:, :2])}
    )
    assert record["n_neighbors"] == 8
    assert record["library"].startswith("umap-learn ")
    assert "laid_out" not in record
    assert record["quality"]["2"]["n_films"] == 150
    assert 0 < record["quality"]["2"]["trustworthiness"] < 1


def test_of_many_films_some_are_laid_out_and_the_others_placed_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    embeddings = np.vstack([rng.normal(6 * number, 1, (120, 8)) for number in range(3)]).astype(np.float32)
    monkeypatch.setattr(umap, "FITTED_UP_TO", 150)
    told = []
    points = project(embeddings, 2, progress=lambda *entry: told.append(entry))
    assert points.shape == (360, 2)
    assert told[-1] == (210, 210, "films placed on the map")
    quality = map_quality(embeddings, points)
    assert quality.trustworthiness > 0.8
    assert projection_record(OPTIONS, started_from=None, quality={2: quality})["laid_out"] == 150
    np.testing.assert_array_equal(points, project(embeddings, 2))
