"""One class against the rest: each figure against scikit-learn or a loop, and against planted truths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import davies_bouldin_score, silhouette_samples

from core.metrics.neighbours import METRICS, Metric, prepared
from core.metrics.ranking import roc_auc
from core.metrics.separation.linear import cross_validated_scores
from core.metrics.separation.one_class import ClassSeparation, separate_classes
from core.metrics.separation.spread import davies_bouldin, fisher_ratio, silhouettes
from tests.metrics.planted import planted

CLASSES = ("A", "B", "C")


def separated(gap: float, seed: int = 0, metric: Metric = "euclidean", n: int = 150) -> tuple[ClassSeparation, ...]:
    films = planted(np.random.default_rng(seed), gap, n=n)
    return separate_classes(
        films.embeddings, films.labels, CLASSES, films.patients, metric=metric, n_shuffles=60, n_resamples=60
    )


@pytest.mark.parametrize("metric", METRICS)
def test_silhouettes_are_scikit_learn_s(metric: Metric) -> None:
    films = planted(np.random.default_rng(0), 2, n=120)
    found = separate_classes(
        films.embeddings, films.labels, CLASSES, films.patients, metric=metric, n_shuffles=5, n_resamples=5
    )
    for index, entry in enumerate(found):
        labels = films.labels[:, index]
        expected = silhouette_samples(films.embeddings, labels, metric=metric)[labels == 1].mean()
        assert entry.silhouette.value == pytest.approx(expected, abs=1e-5)


def test_davies_bouldin_is_scikit_learn_s() -> None:
    films = planted(np.random.default_rng(1), 2, n=120)
    for entry, labels in zip(separated(2, 1, n=120), films.labels.T, strict=True):
        assert entry.davies_bouldin.value == pytest.approx(davies_bouldin_score(films.embeddings, labels), rel=1e-5)


def test_fisher_ratio_by_hand() -> None:
    rows = np.array([[0.0, 0], [2, 0], [10, 1], [10, 3], [10, 5]], dtype=np.float32)
    member = np.array([[True, True, False, False, False]])
    got = fisher_ratio(rows, "euclidean", member, np.ones((1, 5), np.float32))
    assert got[0] == pytest.approx((9**2 + 3**2) / (1 + 8 / 3), rel=1e-6)


def test_weights_are_copies_of_films() -> None:
    rng = np.random.default_rng(2)
    rows, member = rng.normal(size=(30, 4)).astype(np.float32), rng.random((1, 30)) < 0.4
    weights = rng.integers(0, 3, (1, 30))
    copies = np.repeat(np.arange(30), weights[0])
    for figure in (fisher_ratio, davies_bouldin):
        got = figure(rows, "euclidean", member, weights.astype(np.float32))
        expected = figure(rows[copies], "euclidean", member[:, copies], np.ones((1, len(copies)), np.float32))
        assert got[0] == pytest.approx(expected[0], rel=1e-6)


def test_purity_is_that_of_the_plain_loop_and_passes_over_the_patient() -> None:
    films = planted(np.random.default_rng(3), 2, n=90, per_patient=2)
    found = separate_classes(films.embeddings, films.labels, CLASSES, films.patients, k=7, n_shuffles=5, n_resamples=5)
    distances = np.linalg.norm(films.embeddings[:, None] - films.embeddings[None], axis=2)
    patients = np.array(films.patients)
    for index, entry in enumerate(found):
        shares = []
        for film in np.flatnonzero(films.labels[:, index] == 1):
            others = np.flatnonzero(patients != patients[film])
            near = others[np.argsort(distances[film, others])[:7]]
            shares.append(films.labels[near, index].mean())
        assert entry.purity.value == pytest.approx(np.mean(shares))


def test_unread_films_are_neither_positive_nor_negative() -> None:
    films = planted(np.random.default_rng(4), 2, n=120)
    labels = films.labels.copy()
    labels[::3, 0] = np.nan
    read = ~np.isnan(labels[:, 0])
    patients = films.patients
    got = separate_classes(films.embeddings, labels, CLASSES, patients, n_shuffles=20, n_resamples=20)[0]
    expected = silhouette_samples(films.embeddings[read], labels[read, 0])[labels[read, 0] == 1].mean()
    assert (got.n_read, got.n_positive) == (80, int((labels[:, 0] == 1).sum()))
    assert got.silhouette.value == pytest.approx(expected, abs=1e-5)
    assert got.davies_bouldin.value == pytest.approx(
        davies_bouldin_score(films.embeddings[read], labels[read, 0]), rel=1e-5
    )


@pytest.mark.parametrize("metric", METRICS)
def test_planted_separations_are_ordered_in_every_figure(metric: Metric) -> None:
    none, some, far = (separated(gap, metric=metric) for gap in (0, 1, 3))
    for name in ("silhouette", "fisher_ratio", "purity", "linear_auroc"):
        values = [np.mean([getattr(entry, name).value for entry in found]) for found in (none, some, far)]
        assert values[0] < values[1] < values[2], name
    values = [np.mean([entry.davies_bouldin.value for entry in found]) for found in (none, some, far)]
    assert values[0] > values[1] > values[2]
    for entry in far:
        for figure in (entry.silhouette, entry.fisher_ratio, entry.davies_bouldin, entry.purity):
            assert figure.null is not None
            assert figure.null.p_value < 0.05


def test_nulls_hold_the_value_where_there_is_nothing() -> None:
    """Of 20 draws and 3 classes each figure is called separated at 5 % in few."""
    called = {"silhouette": 0, "fisher_ratio": 0, "davies_bouldin": 0, "purity": 0}
    for seed in range(20):
        for entry in separated(0, seed, n=60):
            for name in called:
                called[name] += getattr(entry, name).null.p_value <= 0.05
    assert max(called.values()) <= 9


def test_five_positives_or_it_is_not_estimable() -> None:
    films = planted(np.random.default_rng(5), 1, n=60)
    labels = films.labels.copy()
    labels[:, 1] = 0
    labels[:4, 1] = 1
    entry = separate_classes(films.embeddings, labels, CLASSES, films.patients, n_shuffles=5, n_resamples=5)[1]
    assert entry.n_positive == 4
    for figure in (entry.silhouette, entry.fisher_ratio, entry.davies_bouldin, entry.purity, entry.linear_auroc):
        assert math.isnan(figure.value)
        assert not figure.interval.is_estimable
        assert figure.interval.n == 4


def test_intervals_surround_what_is_estimated() -> None:
    for entry in separated(2, 6, n=300):
        for figure in (entry.silhouette, entry.fisher_ratio, entry.davies_bouldin, entry.purity, entry.linear_auroc):
            assert figure.interval.low <= figure.value <= figure.interval.high


def test_a_linear_classifier_does_not_see_its_own_films() -> None:
    """More dimensions than films: on its own training data every class would be told apart perfectly."""
    values = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        labels = (rng.random((80, 1)) < 0.3).astype(float)
        scores = cross_validated_scores(rng.normal(size=(80, 100)), labels, [str(i) for i in range(80)], rng=rng)
        values.append(roc_auc(labels[:, 0], scores[:, 0]))
    assert abs(np.mean(values) - 0.5) < 0.06


def test_a_linear_classifier_does_not_see_its_own_patients() -> None:
    """Films of a patient are twins with the patient's random label; seeing one would give the other away."""
    values = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        labels = np.repeat((rng.random(60) < 0.4).astype(float), 2)[:, None]
        rows = np.repeat(rng.normal(size=(60, 40)), 2, axis=0)
        scores = cross_validated_scores(rows, labels, [str(i // 2) for i in range(120)], rng=rng)
        values.append(roc_auc(labels[:, 0], scores[:, 0]))
    assert abs(np.mean(values) - 0.5) < 0.1


def test_unread_and_rare_classes_have_no_scores() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random((100, 3)) < 0.4).astype(float)
    labels[:10, 0] = np.nan
    labels[:, 2] = 0
    scores = cross_validated_scores(rng.normal(size=(100, 4)), labels, [str(i) for i in range(100)], rng=rng)
    assert np.isnan(scores[:10, 0]).all()
    assert not np.isnan(scores[10:, 0]).any()
    assert not np.isnan(scores[:, 1]).any()
    assert np.isnan(scores[:, 2]).all()


def test_silhouettes_of_one_film_are_undefined() -> None:
    rows = prepared(np.arange(6.0)[:, None], "euclidean")
    member = np.array([[True] + [False] * 5])
    assert np.isnan(silhouettes(rows, "euclidean", member, np.ones_like(member))[1][0])
