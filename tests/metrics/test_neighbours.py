"""Nearest films against a full distance matrix, sorted."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from core.metrics import neighbours
from core.metrics.neighbours import Metric, distance_blocks, nearest, nearest_to, patient_groups, prepared


def full(embeddings: np.ndarray, metric: str) -> np.ndarray:
    """(n, n) distances in double precision, straight from the definition."""
    rows = embeddings.astype(np.float64)
    if metric == "cosine":
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return 1 - rows @ rows.T
    return np.linalg.norm(rows[:, None] - rows[None], axis=2)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("block_values", [300, 4_000_000])
def test_neighbours_are_those_of_the_full_matrix(
    metric: neighbours.Metric, block_values: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "BLOCK_VALUES", block_values)
    embeddings = np.random.default_rng(0).normal(3, 1, size=(90, 8)).astype(np.float32)
    expected = full(embeddings, metric)
    np.fill_diagonal(expected, np.inf)
    found = nearest(embeddings, 7, metric=metric)
    np.testing.assert_array_equal(found.rows, np.argsort(expected, axis=1)[:, :7])
    np.testing.assert_allclose(found.distances, np.sort(expected, axis=1)[:, :7], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("block_values", [64, 4_000_000])
def test_one_query_gets_the_neighbours_of_the_full_matrix(
    metric: neighbours.Metric, block_values: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "BLOCK_VALUES", block_values)
    embeddings = np.random.default_rng(3).normal(3, 1, size=(90, 8)).astype(np.float32)
    expected = full(embeddings, metric)[4]
    found = nearest_to(embeddings, embeddings[4], 7, metric=metric)
    assert found.rows[0].tolist() == np.argsort(expected)[:7].tolist()
    np.testing.assert_allclose(found.distances[0], np.sort(expected)[:7], rtol=1e-4, atol=1e-6)
    others = nearest_to(embeddings, embeddings[4], 100, metric=metric, without=4)
    assert others.rows[0].tolist() == np.argsort(expected)[1:].tolist()


def test_one_query_reads_a_memory_map_block_by_block(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.random.default_rng(4).normal(size=(60_000, 256)).astype(np.float32))
    rows = np.load(tmp_path / "rows.npy", mmap_mode="r")
    tracemalloc.start()
    nearest_to(rows, rows[3], 6, metric="cosine", without=3)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 40e6  # the whole takes 61 MB in float32, and twice that in float64


def test_a_film_of_length_0_is_as_far_as_from_all_in_both_searches() -> None:
    embeddings = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    one = nearest_to(embeddings, embeddings[1], 3, metric="cosine", without=1)
    every = nearest(embeddings, 3, metric="cosine")
    assert one.rows[0].tolist() == every.rows[1].tolist()
    np.testing.assert_allclose(one.distances[0], every.distances[1], atol=1e-6)


def test_a_film_far_from_the_origin_keeps_its_precision() -> None:
    embeddings = (1e3 + np.random.default_rng(1).normal(size=(50, 16))).astype(np.float32)
    expected = full(embeddings, "euclidean")
    np.fill_diagonal(expected, np.inf)
    np.testing.assert_allclose(nearest(embeddings, 3).distances, np.sort(expected, axis=1)[:, :3], rtol=1e-5)


def test_ties_go_to_the_earlier_row_and_a_twin_is_a_neighbour() -> None:
    embeddings = np.array([[0.0], [1.0], [-1.0], [0.0], [1.0]])
    found = nearest(embeddings, 3)
    assert found.rows[0].tolist() == [3, 1, 2]
    assert found.rows[3].tolist() == [0, 1, 2]
    assert found.distances[0].tolist() == [0, 1, 1]


def test_with_itself_first_even_beside_a_twin() -> None:
    found = nearest(np.array([[0.0], [0.0], [5.0]]), 2, with_self=True)
    assert found.rows.tolist() == [[0, 1], [1, 0], [2, 0]]
    assert found.distances[:2].tolist() == [[0, 0], [0, 0]]


def test_films_of_the_same_patient_are_passed_over() -> None:
    groups = patient_groups(["a", "a", "b", "c"])
    found = nearest(np.array([[0.0], [0.1], [0.3], [9.0]]), 3, groups=groups)
    assert found.rows[0].tolist() == [2, 3, -1]
    assert np.isnan(found.distances[0, 2])


def test_fewer_films_than_neighbours_leave_places_empty() -> None:
    assert nearest(np.array([[0.0], [1.0]]), 4).rows.tolist() == [[1, -1, -1, -1], [0, -1, -1, -1]]


def test_queries_are_searched_among_all() -> None:
    embeddings = np.random.default_rng(2).normal(size=(40, 5))
    everyone, some = nearest(embeddings, 4), nearest(embeddings, 4, queries=np.array([31, 2]))
    np.testing.assert_array_equal(some.rows, everyone.rows[[31, 2]])


def test_blocks_are_exact_on_the_diagonal_and_cover_all_rows() -> None:
    rows = prepared(np.random.default_rng(3).normal(size=(30, 6)) + 50, "euclidean")
    seen = []
    for block, distances in distance_blocks(rows, "euclidean"):
        assert np.all(distances[np.arange(len(block)), block] == 0)
        seen += block.tolist()
    assert seen == list(range(30))


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_neighbours_among_some_films_are_those_of_all_distances(
    metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    embeddings = rng.normal(5, 1, size=(60, 6)).astype(np.float32)
    others, queries = np.arange(0, 60, 3), np.setdiff1d(np.arange(60), np.arange(0, 60, 3))
    monkeypatch.setattr(neighbours, "BLOCK_VALUES", 7 * len(others))
    blocks = list(neighbours.nearest_among(embeddings, queries, others, 4, metric=metric))
    assert [len(rows) for rows, _ in blocks] == [7, 7, 7, 7, 7, 5]
    assert np.concatenate([rows for rows, _ in blocks]).tolist() == queries.tolist()
    for row, (found, distances) in zip(
        queries, [pair for _, near in blocks for pair in zip(near.rows, near.distances, strict=True)], strict=True
    ):
        alone = neighbours.nearest_to(embeddings[others], embeddings[row], 4, metric=metric)
        assert found.tolist() == alone.rows[0].tolist()
        np.testing.assert_allclose(distances, alone.distances[0], rtol=1e-4, atol=1e-6)
