"""Areas over resamples to the first order: their parts by hand, and intervals that are those of the plain bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.metrics import first_order
from core.metrics.bootstrap import resample_auroc
from core.metrics.first_order import EXACT_UP_TO, auroc_parts, expanded_areas, resampled_areas
from core.metrics.intervals import percentile_interval
from core.metrics.resampling import draw_resamples
from tests.metrics.tables import random_table


def planted(n_films: int, prevalence: float, seed: int, films_a_patient: int = 3) -> tuple[np.ndarray, ...]:
    """Labels, scores (n, 1) with ties and unread films, and patients whose films are alike."""
    rng = np.random.default_rng(seed)
    patients = np.arange(n_films) // films_a_patient
    shared = rng.normal(size=n_films)[patients]
    labels = (rng.random(n_films)[patients] < prevalence).astype(float)
    scores = np.round(rng.normal(size=n_films) + shared + 1.2 * labels, 2)
    labels[rng.random(n_films) < 0.05] = np.nan
    return labels[:, None], scores[:, None].astype(np.float32), patients


def test_parts_by_hand() -> None:
    labels, scores = np.array([0, 1, np.nan, 0, 1, 0]), np.array([0.1, 0.5, 0.9, 0.5, 0.8, 0.9])
    positive, negative, below, above = auroc_parts(labels, scores)
    np.testing.assert_array_equal(positive, [0, 1, 0, 0, 1, 0])
    np.testing.assert_array_equal(negative, [1, 0, 0, 1, 0, 1])
    np.testing.assert_allclose(below, [0, 1.5 / 3, 0, 0, 2 / 3, 0])
    np.testing.assert_allclose(above, [1, 0, 0, 1.5 / 2, 0, 0])


@pytest.mark.parametrize("seed", range(12))
def test_the_films_as_they_are_have_the_area_of_scikit_learn(seed: int) -> None:
    table = random_table(seed)
    once = draw_resamples(None, 1, n_films=len(table.labels))
    once.weights[:] = 1
    for index, area in enumerate(expanded_areas(table.labels, table.scores, once)[0]):
        read = ~np.isnan(table.labels[:, index])
        labels, scores = table.labels[read, index], table.scores[read, index]
        if 0 < labels.sum() < len(labels):
            assert area == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
        else:
            assert np.isnan(area)


@pytest.mark.parametrize("prevalence", [0.01, 0.5])
def test_the_interval_is_that_of_the_plain_bootstrap(prevalence: float) -> None:
    """Over the same resamples: resample by resample nearly the same, and ends within a fiftieth of the width."""
    labels, scores, patients = planted(3_000, prevalence, seed=1)
    resamples = draw_resamples(patients, 400)
    plain, expanded = (
        resample_auroc(labels, scores, resamples.film_weights())[:, 0],
        expanded_areas(labels, scores, resamples)[:, 0],
    )
    n = int(np.nansum(labels))
    one, other = percentile_interval(plain, n), percentile_interval(expanded, n)
    width = one.high - one.low
    assert np.corrcoef(plain, expanded)[0, 1] > 0.999
    assert abs(one.low - other.low) < width / 50
    assert abs(one.high - other.high) < width / 50
    by_film = expanded_areas(labels, scores, draw_resamples(None, 400, n_films=len(labels)))[:, 0]
    assert np.std(expanded) > 1.2 * np.std(by_film)


def test_many_films_go_to_the_first_order_and_few_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, scores, patients = planted(300, 0.3, seed=2)
    resamples = draw_resamples(patients, 20)
    plain = resample_auroc(labels, scores, resamples.film_weights())
    np.testing.assert_array_equal(resampled_areas(labels, scores, resamples), plain)
    monkeypatch.setattr(first_order, "EXACT_UP_TO", 299)
    expanded = resampled_areas(labels, scores, resamples)
    assert not np.array_equal(expanded, plain)
    np.testing.assert_allclose(expanded, plain, atol=0.01)
    assert EXACT_UP_TO == 10_000
