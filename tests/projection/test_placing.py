"""New films on a finished map."""

from __future__ import annotations

import numpy as np
import pytest
from umap.umap_ import find_ab_params

from core.errors import StudyError
from core.projection.placing import curve_of, place, place_all, place_film
from core.study import Study


@pytest.mark.parametrize("min_dist", [0.0, 0.05, 0.1, 0.25, 0.5, 0.8, 0.99])
def test_the_curve_is_umap_learn_s(min_dist: float) -> None:
    assert curve_of(min_dist) == pytest.approx(find_ab_params(1.0, min_dist), rel=1e-4)


def planted(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two clusters of films, and a map on which they lie at (0, 0) and (12, 0)."""
    embeddings = np.vstack([rng.normal(0, 1, (60, 8)), rng.normal(6, 1, (60, 8))]).astype(np.float32)
    points = np.vstack([rng.normal(0, 1, (60, 2)), rng.normal((12, 0), 1, (60, 2))]).astype(np.float32)
    return embeddings, points


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_a_film_lands_among_its_own(metric: str) -> None:
    rng = np.random.default_rng(0)
    embeddings, points = planted(rng)
    for centre, expected in ((0.0, 0.0), (6.0, 12.0)):
        film = rng.normal(centre, 1, 8).astype(np.float32) + (np.float32(0.01) if metric == "cosine" else 0)
        if metric == "cosine" and centre == 0:
            continue  # directions of the first cluster are random
        found = place(film, embeddings, points, metric=metric)  # type: ignore[arg-type]
        assert abs(found[0] - expected) < 4


def test_the_same_film_always_lands_on_the_same_spot() -> None:
    embeddings, points = planted(np.random.default_rng(1))
    film = embeddings[3] + 0.1
    np.testing.assert_array_equal(place(film, embeddings, points), place(film, embeddings, points))


def test_a_film_on_the_map_of_a_study(made: Study) -> None:
    """The made-up map shows some of the space, so a film of the study is placed nearer to itself than most are."""
    embeddings, points = np.asarray(made.image_embeddings("fine_tuned")), np.asarray(made.umap("fine_tuned"))
    near = []
    for row in range(0, 100, 10):
        found = place_film(made, "fine_tuned", embeddings[row])
        distances = np.linalg.norm(points - found, axis=1)
        near.append((distances < distances[row]).mean())
    assert np.median(near) < 0.25


def test_an_embedding_of_another_model_is_refused(made: Study) -> None:
    with pytest.raises(StudyError, match="16"):
        place_film(made, "frozen", np.zeros(5, dtype=np.float32))


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_films_placed_together_lie_where_each_would_alone(metric: str) -> None:
    """Within a fraction of the spread of a cluster, in fewer steps and repelled by some of the others."""
    rng = np.random.default_rng(3)
    embeddings = np.vstack([rng.normal(4 * np.eye(8)[number], 0.5, (80, 8)) for number in (0, 1)]).astype(np.float32)
    points = np.vstack([rng.normal((0, 0), 1, (80, 2)), rng.normal((12, 0), 1, (80, 2))]).astype(np.float32)
    fitted = np.arange(0, 160, 2)
    found = place_all(embeddings, fitted, points[fitted], metric=metric)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found[fitted], points[fitted])
    assert (np.abs(found[:, 0] - np.repeat([0, 12], 80)) < 4).all()
    rows = range(1, 160, 8)
    alone = [place(embeddings[row], embeddings[fitted], points[fitted], metric=metric) for row in rows]  # type: ignore[arg-type]
    assert np.median(np.linalg.norm(found[rows] - alone, axis=1)) < 0.6
    np.testing.assert_array_equal(
        found,
        place_all(embeddings, fitted, points[fitted], metric=metric),  # type: ignore[arg-type]
    )
