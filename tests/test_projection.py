"""UMAP: the same map to the bit, exact neighbours, and another map that starts where the first one lies."""

from __future__ import annotations

import numpy as np

from core.metrics.map_quality import map_quality
from core.metrics.neighbours import nearest
from core.projection import ProjectionSettings, project, projection_record

SETTINGS = ProjectionSettings(n_neighbors=8)


def films(n: int = 150) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=(n, 12)) + 4 * rng.integers(0, 3, (n, 1))).astype(np.float32)


def test_same_seed_same_map_to_the_bit() -> None:
    """And a callback that is told of the progress changes nothing. `tests.benchmarks.umap_fit` compares processes."""
    told: list[tuple[int, int, str]] = []
    here = project(films(), 2, SETTINGS, progress=lambda *entry: told.append(entry))
    assert here.tobytes() == project(films(), 2, SETTINGS).tobytes()
    assert told[0] == (150, 150, "films searched for neighbours")
    assert told[-1] == (500, 500, "steps of the layout")
    other = project(films(), 2, ProjectionSettings(n_neighbors=8, seed=7))
    assert other.tobytes() != here.tobytes()


def test_umap_gets_exact_neighbours_itself_first() -> None:
    rows = films()
    found = nearest(rows, 8, with_self=True)
    distances = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.testing.assert_array_equal(found.rows[:, 0], np.arange(len(rows)))
    np.testing.assert_allclose(found.distances, np.sort(distances, axis=1)[:, :8], atol=1e-4)


def test_films_stay_where_the_eye_left_them() -> None:
    """A map of slightly changed embeddings that starts from the first is nearer to it than one that does not."""
    rows = films()
    first = project(rows, 2, SETTINGS)
    changed = rows + np.random.default_rng(1).normal(0, 0.2, rows.shape).astype(np.float32)
    started, alone = project(changed, 2, SETTINGS, start=first), project(changed, 2, SETTINGS)
    assert _misfit(first, started) < _misfit(first, alone)


def _misfit(before: np.ndarray, after: np.ndarray) -> float:
    """How far films moved, as a share of the map's size; neither turned nor mirrored, as a reader sees it."""
    first, second = ((points - points.mean(axis=0)) / points.std() for points in (before, after))
    return float(np.linalg.norm(first - second, axis=1).mean())


def test_three_dimensions_and_few_films() -> None:
    assert project(films(40), 3, SETTINGS).shape == (40, 3)
    assert np.isfinite(project(films(4), 2, SETTINGS)).all()


def test_the_record_says_how_the_map_was_made_and_how_good_it_is() -> None:
    rows = films()
    record = projection_record(SETTINGS, started_from=None, quality={2: map_quality(rows, rows[:, :2])})
    assert record["n_neighbors"] == 8
    assert record["library"].startswith("umap-learn ")
    assert record["quality"]["2"]["n_films"] == 150
    assert 0 < record["quality"]["2"]["trustworthiness"] < 1
