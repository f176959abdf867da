"""Resamples of patients give what a count over the films of each resample gives."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.bootstrap import patient_weights
from core.metrics.class_figures import class_intervals
from core.metrics.intervals import percentile_interval
from core.metrics.patients import number_patients
from core.metrics.resampled import resample
from core.metrics.resampling import draw_resamples
from core.thresholds import fit_thresholds
from core.thresholds.compare import (
    compare_all,
    decision_intervals,
    overall_differences,
    overall_intervals,
    resampled_figures,
)
from core.thresholds.live_counts import overall_figures
from tests.figures.test_thresholds import make_study
from tests.metrics.tables import random_table


def test_sums_by_patient_by_hand() -> None:
    patients = number_patients(["b", "a", "b"], 3)
    np.testing.assert_array_equal(patients.sums(np.array([1, 2, 4])), [2, 5])
    alone = number_patients(["b", "a", "c"], 3)
    np.testing.assert_array_equal(alone.sums(np.array([[1], [2], [4]])), [[2], [1], [4]])


@pytest.mark.parametrize("seed", range(8))
def test_f1_over_patients_is_f1_over_their_films(seed: int) -> None:
    table = random_table(seed)
    resamples = draw_resamples(table.patients, 30, np.random.default_rng(seed))
    weights = patient_weights(table.patients, 30, np.random.default_rng(seed))
    np.testing.assert_array_equal(resamples.film_weights(), weights)
    np.testing.assert_allclose(
        resampled_figures(table.labels, table.decisions, resamples).f1,
        resample(table.labels, table.scores, table.decisions, resamples).of_class["f1"],
    )


@pytest.mark.parametrize("seed", range(4))
def test_overall_intervals_are_percentiles_of_the_figures_of_each_resample(seed: int) -> None:
    table = random_table(seed + 20, most_films=80)
    resamples = draw_resamples(table.patients, 40, np.random.default_rng(seed))
    figures = []
    for weight in resamples.film_weights():
        films = np.repeat(np.arange(len(weight)), weight.astype(int))
        figures.append(overall_figures(table.labels[films], table.decisions[films]))
    for name, interval in decision_intervals(table.labels, table.decisions, resamples).items():
        values = np.array([one.values[name] for one in figures])
        if interval.is_estimable:
            ends = np.quantile(values[~np.isnan(values)], [0.025, 0.975])
            assert (interval.low, interval.high) == pytest.approx(tuple(ends)), name


@pytest.mark.parametrize("seed", range(4))
def test_differences_to_other_thresholds_are_over_the_same_resamples(seed: int) -> None:
    table = random_table(seed + 40, most_films=80)
    others = table.decisions.copy()
    others[:, 0] = ~others[:, 0]
    resamples = draw_resamples(table.patients, 40, np.random.default_rng(seed))
    sides = [
        (overall_figures(table.labels, decisions), resampled_figures(table.labels, decisions, resamples))
        for decisions in (table.decisions, others)
    ]
    films = [np.repeat(np.arange(len(row)), row.astype(int)) for row in resamples.film_weights()]
    for name, gap in overall_differences(*sides[0], *sides[1]).items():
        values = np.array(
            [
                overall_figures(table.labels[rows], table.decisions[rows]).values[name]
                - overall_figures(table.labels[rows], others[rows]).values[name]
                for rows in films
            ]
        )
        whole = sides[0][0].values[name] - sides[1][0].values[name]
        assert gap.value == pytest.approx(whole, nan_ok=True)
        if gap.interval.is_estimable:
            ends = np.quantile(values[~np.isnan(values)], [0.025, 0.975])
            assert (gap.interval.low, gap.interval.high) == pytest.approx(tuple(ends)), name
    assert all(gap.value == 0 or np.isnan(gap.value) for gap in overall_differences(*sides[0], *sides[0]).values())


def test_large_sums_stay_exact() -> None:
    resamples = draw_resamples(None, 3, np.random.default_rng(0), n_films=4)
    big = np.array([[1 << 24], [1], [1], [1]])
    expected = resamples.weights.astype(np.int64) @ big
    np.testing.assert_array_equal(resamples.sums(big), expected)


def test_the_percentile_interval_of_f1_is_close_to_the_closed_form() -> None:
    study = make_study()
    rows = study.rows("test")
    labels = study.labels[rows]
    decisions = fit_thresholds(study, "fine_tune").rule().decide(study.scores("fine_tune")[rows])
    drawn = resampled_figures(labels, decisions, draw_resamples(None, n_films=len(rows))).f1[:, 0]
    edema = percentile_interval(drawn, int(np.nansum(labels[:, 0])))
    closed = class_intervals(labels[:, 0], decisions[:, 0], number_patients(None, len(rows)))["f1"]
    assert (edema.low, edema.high) == pytest.approx((closed.low, closed.high), abs=0.03)


def test_a_setting_compared_with_itself_differs_by_nothing() -> None:
    study = make_study()
    fitted = fit_thresholds(study, "fine_tune")
    (same,) = compare_all(study, "test", (fitted, fitted), draw_resamples(None, 50, n_films=300))
    assert all(one.value == 0 and not one.is_clear for one in same.overall.values())


def test_a_better_setting_is_clearly_better_and_the_other_way_round() -> None:
    study = make_study()
    fitted = {name: fit_thresholds(study, name) for name in study.settings}
    (there,) = compare_all(study, "test", (fitted["fine_tune"], fitted["zero_shot"]))
    (back,) = compare_all(study, "test", (fitted["zero_shot"], fitted["fine_tune"]))
    gap = there.per_class["Edema"]["auroc"]
    assert gap.value > 0.1
    assert gap.is_clear
    assert gap.interval.low < gap.value < gap.interval.high
    assert back.per_class["Edema"]["auroc"].value == pytest.approx(-gap.value)
    assert back.overall["macro_f1"].interval.low == pytest.approx(-there.overall["macro_f1"].interval.high)
    assert not there.per_class["Lung Lesion"]["f1"].interval.is_estimable


def test_overall_intervals_of_a_set_hold_its_figures() -> None:
    study = make_study()
    fitted = fit_thresholds(study, "fine_tune")
    rows = study.rows("test")
    figures = overall_figures(study.labels[rows], fitted.rule().decide(study.scores("fine_tune")[rows]))
    for name, interval in overall_intervals(study, "test", fitted).items():
        assert interval.low < figures.values[name] < interval.high
