"""Every convention against the plain loop that its words say, and against a planted truth."""

from __future__ import annotations

import itertools
import math
import tracemalloc

import numpy as np
import pytest

from core.metrics import neighbours
from core.metrics.neighbours import METRICS, Metric, prepared
from core.metrics.separation.conventions import CONVENTIONS, class_distances, convention_named, summary
from core.metrics.separation.distances import multi_label_distances
from tests.metrics.planted import planted
from tests.metrics.tables import random_table

NAMES = [convention.name for convention in CONVENTIONS]


def distance(metric: str, first: np.ndarray, second: np.ndarray) -> float:
    if metric == "cosine":
        return float(1 - first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))
    return math.dist(first, second)


def centroid_loop(films: np.ndarray, labels: np.ndarray, metric: str) -> tuple[np.ndarray, np.ndarray]:
    if metric == "cosine":
        films = films / np.linalg.norm(films, axis=1, keepdims=True)
    centres = [films[labels[:, c] == 1].mean(axis=0) for c in range(labels.shape[1])]
    intra = [
        np.mean([distance(metric, film, centre) for film in films[labels[:, c] == 1]])
        for c, centre in enumerate(centres)
    ]
    return np.array(intra), np.array([[distance(metric, a, b) for b in centres] for a in centres])


def pairs_loop(films: np.ndarray, labels: np.ndarray, metric: str, exclusive: bool) -> tuple[np.ndarray, np.ndarray]:
    n_classes = labels.shape[1]
    between = np.full((n_classes, n_classes), np.nan)
    intra = np.full(n_classes, np.nan)
    for a, b in itertools.product(range(n_classes), repeat=2):
        first = [i for i in range(len(films)) if labels[i, a] == 1 and (not exclusive or a == b or labels[i, b] == 0)]
        second = [j for j in range(len(films)) if labels[j, b] == 1 and (not exclusive or a == b or labels[j, a] == 0)]
        found = [distance(metric, films[i], films[j]) for i in first for j in second if i != j]
        if a == b:
            intra[a] = np.mean(found)
        elif found:
            between[a, b] = np.mean(found)
    return intra, between


def table(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """40 films of 4 classes, some with several, some labels unread."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((40, 4)) < 0.4).astype(float)
    labels[rng.random(labels.shape) < 0.1] = np.nan
    return rng.normal(1, 1, size=(40, 6)), labels


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_equal_the_plain_loop(name: str, metric: Metric, seed: int) -> None:
    films, labels = table(seed)
    got = class_distances(films, labels, name, metric)
    loop = (
        centroid_loop(films, labels, metric)
        if name == "centroid"
        else pairs_loop(films, labels, metric, name == "exclusive_pairs")
    )
    off = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(got.intra_per_class, loop[0], rtol=1e-5)
    np.testing.assert_allclose(got.between[off], loop[1][off], rtol=1e-5)
    assert got.inter == pytest.approx(loop[1][np.triu_indices(4, 1)].mean(), rel=1e-5)
    assert got.ratio == pytest.approx(got.inter / got.intra)


@pytest.mark.parametrize("seed", range(5))
def test_centres_are_those_of_the_report(seed: int) -> None:
    labels = random_table(seed).labels
    embeddings = np.random.default_rng(seed).normal(size=(len(labels), 8)).astype(np.float32)
    got, expected = class_distances(embeddings, labels, "centroid"), multi_label_distances(embeddings, labels)
    np.testing.assert_allclose(got.intra_per_class, expected.intra_per_class, rtol=1e-5)
    assert (got.inter, got.ratio) == pytest.approx((expected.inter, expected.ratio), rel=1e-5, nan_ok=True)
    assert got.n_films == expected.n_films


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", NAMES)
def test_a_resample_is_the_films_that_it_holds_and_copies_make_no_pair(name: str, metric: Metric) -> None:
    """Weights of 0 leave films out; for class centres, weights of 2 are two films."""
    films, labels = table(7)
    weights = np.random.default_rng(0).integers(0, 2, 40).astype(np.float32)
    held = weights > 0
    rows, chosen = prepared(films, metric), convention_named(name)
    intra, between = chosen.measure(rows, metric, labels, np.arange(40)[None], weights[None])
    expected = class_distances(films[held], labels[held], name, metric)
    np.testing.assert_allclose(intra[0], expected.intra_per_class, rtol=1e-4)
    assert summary(intra, between)[2][0] == pytest.approx(expected.ratio, rel=1e-4)
    doubled = chosen.measure(rows, metric, labels, np.arange(40)[None], 2 * weights[None])
    if name == "centroid":
        np.testing.assert_allclose(doubled[0], intra, rtol=1e-6)
    else:
        assert np.all(doubled[0] > 0)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", NAMES)
def test_an_order_deals_the_labels_out_anew(name: str, metric: Metric) -> None:
    films, labels = table(8)
    orders = np.stack([np.random.default_rng(seed).permutation(40) for seed in range(3)])
    chosen = convention_named(name)
    intra, between = chosen.measure(prepared(films, metric), metric, labels, orders, np.ones((3, 40), np.float32))
    for order, ratio in zip(orders, summary(intra, between)[2], strict=True):
        assert ratio == pytest.approx(class_distances(films, labels[order], name, metric).ratio, rel=1e-5)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", NAMES)
def test_a_planted_separation_is_ordered(name: str, metric: Metric) -> None:
    """0, 1 and 3 standard deviations, over ten draws each."""
    means = []
    for gap in (0, 1, 3):
        draws = [planted(np.random.default_rng(seed), gap, n=200) for seed in range(10)]
        means.append(np.mean([class_distances(films.embeddings, films.labels, name, metric).ratio for films in draws]))
    assert means[0] < means[1] < means[2]


@pytest.mark.parametrize("name", NAMES)
def test_turning_moving_and_scaling_a_space_leave_the_ratio(name: str) -> None:
    films, labels = table(9)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    moved = 10 * films @ turn + 50
    assert class_distances(moved, labels, name).ratio == pytest.approx(
        class_distances(films, labels, name).ratio, rel=1e-4
    )


@pytest.mark.parametrize("name", NAMES)
def test_one_film_is_no_class(name: str) -> None:
    labels = np.array([[1, 0], [1, 0], [0, 1.0]])
    got = class_distances(np.array([[0.0], [2], [7]]), labels, name)
    assert np.isnan(got.intra_per_class).tolist() == [False, True]
    assert math.isnan(got.ratio)


@pytest.mark.parametrize("name", NAMES)
def test_films_that_all_look_alike_have_no_ratio(name: str) -> None:
    assert math.isnan(class_distances(np.ones((6, 3)), np.repeat(np.eye(2), 3, axis=0), name).ratio)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    films, labels = table(10)
    whole = class_distances(films, labels, "exclusive_pairs")
    monkeypatch.setattr(neighbours, "BLOCK_VALUES", 200)
    np.testing.assert_allclose(class_distances(films, labels, "exclusive_pairs").between, whole.between, rtol=1e-6)


def test_memory_stays_below_all_pairs() -> None:
    """8,000 films: all pairs would take 256 MB."""
    films = planted(np.random.default_rng(0), 1, n=8_000, n_classes=2)
    tracemalloc.start()
    class_distances(films.embeddings, films.labels, "all_pairs")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80e6
