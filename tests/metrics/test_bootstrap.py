"""Every resampled figure equals scikit-learn's on the films that the resample holds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from core.metrics.bootstrap import patient_weights, resample_auroc
from core.metrics.classification import confusions
from core.metrics.evidence import count_decisions
from core.metrics.intervals import percentile_interval
from core.metrics.over_classes import exact_match, macro_f1, micro_f1
from core.metrics.ranking import film_coverage, film_ranking_precision, roc_auc
from core.metrics.resampled import resample
from core.metrics.resampling import draw_resamples
from tests.metrics.tables import random_table


def test_patients_are_drawn_whole_and_as_many_as_there_are() -> None:
    patients = ["a", "a", "a", "b", "c", "c"]
    weights = patient_weights(patients, 200, np.random.default_rng(0))
    assert np.array_equal(weights[:, 0], weights[:, 1])
    assert np.array_equal(weights[:, 4], weights[:, 5])
    assert np.all(weights[:, 0] + weights[:, 3] + weights[:, 4] == 3)
    assert len(np.unique(weights, axis=0)) == 10


def test_the_same_seed_gives_the_same_resamples() -> None:
    first, second = (patient_weights(["a", "b", "c"], 5, np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def _mean(values: np.ndarray) -> float:
    """Over the films that have a value; NaN where none has."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else math.nan


@pytest.mark.parametrize("seed", range(12))
def test_every_figure_equals_the_one_computed_on_the_resampled_films(seed: int) -> None:
    table = random_table(seed)
    weights = patient_weights(table.patients, 8, np.random.default_rng(seed))
    resamples = draw_resamples(table.patients, 8, np.random.default_rng(seed))
    got = resample(table.labels, table.scores, table.decisions, resamples)
    for row, weight in enumerate(weights):
        films = np.repeat(np.arange(len(weight)), weight.astype(int))
        labels, scores, decisions = table.labels[films], table.scores[films], table.decisions[films]
        counts = confusions(labels, decisions)
        aurocs = [roc_auc(labels[:, index], scores[:, index]) for index in range(labels.shape[1])]
        defined = [value for value in aurocs if not math.isnan(value)]
        expected = {
            "macro_f1": macro_f1(count_decisions(labels, decisions)),
            "micro_f1": micro_f1(count_decisions(labels, decisions)),
            "exact_match": exact_match(count_decisions(labels, decisions)),
            "macro_auroc": np.mean(defined) if defined else math.nan,
            "lrap": _mean(film_ranking_precision(labels, scores)),
            "coverage_error": _mean(film_coverage(labels, scores)),
        }
        for name, value in expected.items():
            assert got.overall[name][row] == pytest.approx(value, abs=1e-12, nan_ok=True), name
        np.testing.assert_allclose(got.of_class["f1"][row], [count.f1 for count in counts], atol=1e-12)
        np.testing.assert_allclose(got.of_class["auroc"][row], aurocs, atol=1e-6)


def test_areas_and_f1_equal_scikit_learn_with_sample_weights() -> None:
    table = random_table(7, unread=False, most_films=400)
    weights = patient_weights(table.patients, 5, np.random.default_rng(0))
    resamples = draw_resamples(table.patients, 5, np.random.default_rng(0))
    f1 = resample(table.labels, table.scores, table.decisions, resamples).of_class["f1"]
    auroc = resample_auroc(table.labels, table.scores, weights)
    for row, weight in enumerate(weights):
        for index, labels in enumerate(table.labels.T):
            if 0 < weight @ labels < weight.sum():
                assert auroc[row, index] == pytest.approx(
                    roc_auc_score(labels, table.scores[:, index], sample_weight=weight), abs=1e-12
                )
                assert f1[row, index] == pytest.approx(
                    f1_score(labels, table.decisions[:, index], sample_weight=weight), abs=1e-12
                )


def test_films_of_one_patient_widen_the_interval() -> None:
    """Ten copies of a film are no more evidence than one."""
    rng = np.random.default_rng(0)
    labels = (rng.random(100) < 0.4).astype(float)
    scores = rng.normal(size=100) + labels
    copies = np.repeat(np.arange(100), 10)
    columns = labels[copies, None], scores[copies, None], scores[copies, None] > 0.5

    def width(patients: list[str]) -> float:
        resampled = resample(*columns, draw_resamples(patients, 500, np.random.default_rng(1)))
        interval = percentile_interval(resampled.of_class["auroc"][:, 0], 100)
        return interval.high - interval.low

    by_patient, by_film = width([str(patient) for patient in copies]), width([str(film) for film in range(1000)])
    assert by_patient / by_film == pytest.approx(math.sqrt(10), rel=0.15)
