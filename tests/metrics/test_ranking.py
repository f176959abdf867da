"""Curves, areas and rankings against scikit-learn, by hand, and by rule."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import (
    average_precision_score,
    label_ranking_average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)
from sklearn.metrics import (
    coverage_error as reference_coverage_error,
)

from core.metrics.ranking import (
    average_precision,
    compute_precision_recall,
    compute_roc,
    corners,
    film_coverage,
    film_ranking_precision,
    roc_auc,
)
from tests.metrics.tables import TABLES, random_table


@pytest.mark.parametrize("seed", TABLES)
def test_areas_equal_scikit_learn(seed: int) -> None:
    table = random_table(seed)
    for labels, scores in zip(table.labels.T, table.scores.T, strict=True):
        read = ~np.isnan(labels)
        truth, values = labels[read], scores[read]
        if 0 < truth.sum() < truth.size:
            assert roc_auc(labels, scores) == pytest.approx(roc_auc_score(truth, values), abs=1e-12)
        else:
            assert math.isnan(roc_auc(labels, scores))
        if truth.sum():
            assert average_precision(labels, scores) == pytest.approx(average_precision_score(truth, values), abs=1e-12)
        else:
            assert math.isnan(average_precision(labels, scores))


@pytest.mark.parametrize("seed", TABLES[:20])
def test_curves_equal_scikit_learn(seed: int) -> None:
    table = random_table(seed, unread=False)
    for labels, scores in zip(table.labels.T, table.scores.T, strict=True):
        roc = compute_roc("Edema", labels=labels, scores=scores)
        assert roc.is_defined == (0 < labels.sum() < labels.size)
        if not roc.is_defined:
            assert roc.fpr.size == 0
            assert math.isnan(roc.auc)
            continue
        fpr, tpr, thresholds = roc_curve(labels, scores, drop_intermediate=False)
        np.testing.assert_allclose(roc.fpr, fpr, atol=1e-12)
        np.testing.assert_allclose(roc.tpr, tpr, atol=1e-12)
        np.testing.assert_array_equal(roc.thresholds, thresholds.astype(float))
        assert roc.auc == pytest.approx(np.trapezoid(roc.tpr, roc.fpr), abs=1e-12)
        curve = compute_precision_recall("Edema", labels=labels, scores=scores)
        precision, recall, thresholds = precision_recall_curve(labels, scores)
        np.testing.assert_allclose(curve.precision[::-1], precision[:-1], atol=1e-12)
        np.testing.assert_allclose(curve.recall[::-1], recall[:-1], atol=1e-12)
        np.testing.assert_array_equal(curve.thresholds[::-1], thresholds.astype(float))


def test_a_precision_recall_curve_without_positives_is_undefined() -> None:
    curve = compute_precision_recall("Edema", labels=np.zeros(3), scores=np.arange(3.0))
    assert not curve.is_defined
    assert curve.precision.size == 0
    assert (curve.n_positive, curve.n_negative) == (0, 3)


@pytest.mark.parametrize("seed", TABLES)
def test_label_rankings_equal_scikit_learn(seed: int) -> None:
    table = random_table(seed, unread=False)
    truth = table.labels.astype(int)
    precision, coverage = film_ranking_precision(table.labels, table.scores), film_coverage(table.labels, table.scores)
    assert np.nan_to_num(precision, nan=1.0).mean() == pytest.approx(
        label_ranking_average_precision_score(truth, table.scores), abs=1e-12
    )
    assert np.nan_to_num(coverage, nan=0.0).mean() == pytest.approx(
        reference_coverage_error(truth, table.scores), abs=1e-12
    )
    labelled = truth.any(axis=1)
    if labelled.any():
        assert np.nanmean(precision) == pytest.approx(
            label_ranking_average_precision_score(truth[labelled], table.scores[labelled]), abs=1e-12
        )
        assert np.nanmean(coverage) == pytest.approx(
            reference_coverage_error(truth[labelled], table.scores[labelled]), abs=1e-12
        )


@pytest.mark.parametrize("seed", TABLES)
def test_unread_labels_leave_the_ranking_of_a_film(seed: int) -> None:
    table = random_table(seed)
    precision, coverage = film_ranking_precision(table.labels, table.scores), film_coverage(table.labels, table.scores)
    for row, (labels, scores) in enumerate(zip(table.labels, table.scores, strict=True)):
        read = ~np.isnan(labels)
        if not (labels == 1).any():
            assert math.isnan(precision[row])
            assert math.isnan(coverage[row])
            continue
        ranks = np.array([np.count_nonzero(scores[read] >= score) for score in scores[labels == 1]])
        own = np.array([np.count_nonzero(scores[labels == 1] >= score) for score in scores[labels == 1]])
        assert precision[row] == pytest.approx(np.mean(own / ranks), abs=1e-12)
        assert coverage[row] == ranks.max()


def test_rankings_by_hand() -> None:
    labels = np.array([[1, 0, 0, 1], [0, 0, 0, 0]])
    scores = np.array([[0.9, 0.5, 0.1, 0.3], [0.4, 0.3, 0.2, 0.1]])
    np.testing.assert_allclose(film_ranking_precision(labels, scores), [(1 / 1 + 2 / 3) / 2, np.nan])
    np.testing.assert_array_equal(film_coverage(labels, scores), [3, np.nan])


def test_chance_of_a_random_ranking_of_14_labels_with_one_positive() -> None:
    """The levels that the paper's zero-shot figures have to be read against."""
    rng = np.random.default_rng(0)
    labels = np.eye(14)[rng.integers(0, 14, 40_000)]
    scores = rng.random(labels.shape)
    assert film_coverage(labels, scores).mean() == pytest.approx(7.5, abs=0.1)
    assert film_ranking_precision(labels, scores).mean() == pytest.approx(0.232, abs=0.005)


small_columns = st.integers(2, 40).flatmap(
    lambda n: st.tuples(
        arrays.arrays(float, n, elements=st.sampled_from([0.0, 1.0, np.nan])),
        arrays.arrays(float, n, elements=st.integers(-5, 5).map(float)),
    )
)


@given(small_columns)
def test_the_roc_area_follows_the_order_alone(column: tuple[np.ndarray, np.ndarray]) -> None:
    labels, scores = column
    area = roc_auc(labels, scores)
    assert roc_auc(labels, 3 * np.exp(scores) - 7) == pytest.approx(area, abs=1e-15, nan_ok=True)
    assert roc_auc(labels, -scores) == pytest.approx(1 - area, abs=1e-12, nan_ok=True)


def test_a_score_that_is_not_finite_is_refused_where_the_film_was_read() -> None:
    with pytest.raises(ValueError, match="finite"):
        roc_auc(np.array([0.0, 1.0]), np.array([0.0, np.nan]))
    assert roc_auc(np.array([0.0, 1.0, np.nan]), np.array([0.0, 1.0, np.nan])) == 1.0


def test_a_curve_of_many_films_is_drawn_through_as_many_places_as_a_screen_shows() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random(60_000) < 0.2).astype(float)
    scores = rng.normal(size=60_000) + labels
    whole = compute_roc("Edema", labels=labels, scores=scores)
    drawn = whole.as_drawn()
    assert len(drawn.fpr) < 6_000
    assert drawn.auc == whole.auc
    assert (drawn.fpr[0], drawn.tpr[0], drawn.fpr[-1], drawn.tpr[-1]) == (0, 0, 1, 1)
    kept = corners(whole.fpr, whole.tpr)
    before = kept[np.searchsorted(kept, np.arange(whole.fpr.size), side="right") - 1]
    for values in (whole.fpr, whole.tpr):
        assert np.abs(values - values[before]).max() <= 1 / 2000
    precise = compute_precision_recall("Edema", labels=labels, scores=scores)
    assert len(precise.as_drawn().recall) < 10_000
    assert np.isin(precise.as_drawn().precision, precise.precision).all()
    few = compute_roc("Edema", labels=labels[:3_000], scores=scores[:3_000])
    np.testing.assert_array_equal(few.as_drawn().fpr, few.fpr)
