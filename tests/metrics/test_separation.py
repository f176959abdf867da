"""Class distances by hand and against the plain loop that the paper's definition is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from core.metrics.separation import distances
from core.metrics.separation.distances import ClassDistances, multi_label_distances, paper_distances
from tests.metrics.tables import random_table


def paper_loop(embeddings: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    """PAPER's definition, a film at a time."""
    groups: dict[int, list[np.ndarray]] = {}
    for film, row in zip(embeddings, labels, strict=True):
        positives = np.flatnonzero(row == 1)
        if positives.size:
            groups.setdefault(int(positives[0]), []).append(film)
    centroids = {label: np.mean(films, axis=0) for label, films in groups.items()}
    intra = np.mean(
        [np.mean([np.linalg.norm(film - centroids[label]) for film in films]) for label, films in groups.items()]
    )
    inter = np.mean([np.linalg.norm(a - b) for a, b in itertools.combinations(centroids.values(), 2)])
    return float(inter), float(intra), float(inter / (intra + 1e-9))


@pytest.mark.parametrize("seed", range(20))
def test_paper_distances_equal_the_plain_loop(seed: int) -> None:
    table = random_table(seed + 1000)
    embeddings = np.random.default_rng(seed).normal(size=(len(table.labels), 8)).astype(np.float32)
    got = paper_distances(embeddings, table.labels)
    if np.count_nonzero(~np.isnan(got.intra_per_class)) < 2:
        assert math.isnan(got.inter)
        return
    expected = paper_loop(embeddings.astype(float), table.labels)
    assert (got.inter, got.intra, got.ratio) == pytest.approx(expected, rel=1e-12)
    assert got.n_films == np.count_nonzero((table.labels == 1).any(axis=1))


def test_a_film_belongs_to_its_first_class_in_the_paper_and_to_all_its_classes_otherwise() -> None:
    embeddings = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [2.0, 4.0]])
    labels = np.array([[1, 0], [1, 1], [0, 1], [0, 1]])
    paper = paper_distances(embeddings, labels)
    assert paper.films_per_class.tolist() == [2, 2]
    assert (paper.inter, paper.intra) == (4.0, 1.0)
    assert paper.ratio == 4.0 / (1.0 + 1e-9)
    both = multi_label_distances(embeddings, labels)
    assert both.films_per_class.tolist() == [2, 3]
    centroid = np.array([4 / 3, 8 / 3])
    assert both.inter == pytest.approx(math.dist(centroid, (1, 0)))
    assert both.intra_per_class[1] == pytest.approx(np.mean([math.dist(film, centroid) for film in embeddings[1:]]))
    assert both.ratio == pytest.approx(both.inter / both.intra)


def test_a_class_of_one_film_counts_in_the_paper_only() -> None:
    embeddings = np.array([[0.0], [2.0], [7.0]])
    labels = np.array([[1, 0], [1, 0], [0, 1]])
    assert paper_distances(embeddings, labels).intra == 0.5
    sound = multi_label_distances(embeddings, labels)
    assert sound.intra == 1.0
    assert math.isnan(sound.inter)
    assert math.isnan(sound.ratio)
    assert sound.n_films == 2


def test_without_labels_nothing_is_defined() -> None:
    got = paper_distances(np.ones((2, 3)), np.zeros((2, 2)))
    assert math.isnan(got.inter)
    assert math.isnan(got.intra)
    assert math.isnan(got.ratio)


def test_scaling_a_space_scales_distances_and_leaves_the_ratio() -> None:
    table = random_table(3)
    embeddings = np.random.default_rng(0).normal(size=(len(table.labels), 5))
    one, ten = multi_label_distances(embeddings, table.labels), multi_label_distances(10 * embeddings, table.labels)
    assert ten.inter == pytest.approx(10 * one.inter)
    assert ten.ratio == pytest.approx(one.ratio)


@pytest.mark.parametrize("measure", [paper_distances, multi_label_distances])
def test_rows_of_a_larger_array_some_at_a_time_give_what_they_give_alone(
    measure: Callable[..., ClassDistances], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    table = random_table(4, most_films=200)
    rows = np.sort(rng.choice(400, len(table.labels), replace=False))
    embeddings = rng.normal(size=(400, 6)).astype(np.float32)
    alone = measure(embeddings[rows], table.labels)
    monkeypatch.setattr(distances, "_AT_ONCE", 7)
    by_parts = measure(embeddings, table.labels, rows)
    assert by_parts.n_films == alone.n_films
    np.testing.assert_allclose(by_parts.between, alone.between, rtol=1e-12)
    np.testing.assert_allclose(by_parts.intra_per_class, alone.intra_per_class, rtol=1e-12)
