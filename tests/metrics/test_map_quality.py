"""Trustworthiness and continuity against scikit-learn's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from core.metrics import map_quality as quality_module
from core.metrics.map_quality import map_quality


def films(n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(n, 10)).astype(np.float32)
    return embeddings, (embeddings[:, :2] + 0.3 * rng.normal(size=(n, 2))).astype(np.float32)


@pytest.mark.parametrize("k", [1, 5, 15])
def test_equal_scikit_learn_s(k: int) -> None:
    embeddings, points = films()
    got = map_quality(embeddings, points, k=k)
    assert got.trustworthiness == pytest.approx(trustworthiness(embeddings, points, n_neighbors=k), abs=1e-9)
    assert got.continuity == pytest.approx(trustworthiness(points, embeddings, n_neighbors=k), abs=1e-9)
    assert (got.n_films, got.n_asked, got.error) == (120, 120, 0)


def test_cosine_is_of_directions() -> None:
    embeddings, points = films()
    longer = embeddings * np.random.default_rng(1).uniform(1, 9, (len(embeddings), 1)).astype(np.float32)
    got = map_quality(longer, points, metric="cosine")
    expected = trustworthiness(embeddings, points, n_neighbors=15, metric="cosine")
    assert got.trustworthiness == pytest.approx(expected, abs=1e-9)


def test_the_space_itself_is_perfect() -> None:
    _, points = films()
    got = map_quality(points, points)
    assert (got.trustworthiness, got.continuity) == (1, 1)


def test_a_sample_is_near_the_whole_and_says_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, points = films(900)
    whole = map_quality(embeddings, points)
    monkeypatch.setattr(quality_module, "EXACT_UP_TO", 500)
    monkeypatch.setattr(quality_module, "SAMPLE", 300)
    some = map_quality(embeddings, points)
    assert some.n_asked == 300
    assert 0 < some.error < 0.01
    assert abs(some.trustworthiness - whole.trustworthiness) < 4 * some.error
    assert abs(some.continuity - whole.continuity) < 4 * some.error


def test_too_few_films_are_undefined() -> None:
    got = map_quality(np.zeros((4, 3)), np.zeros((4, 2)))
    assert math.isnan(got.trustworthiness)
    assert got.to_json()["trustworthiness"] is None


def test_few_films_lower_k() -> None:
    embeddings, points = films(12)
    assert map_quality(embeddings, points).n_neighbors < 12
