"""What a fitted set is worth on other films, against counting by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from core.figures.promise_tables import (
    kept_table,
    overall_shrinkage,
    promise_table,
    shrinkage_figures,
    shrinkage_of,
    shrinkage_table,
)
from core.thresholds import films_of, fit_thresholds
from core.thresholds.worth import BROKEN, KEPT, UNKNOWN, WITHIN_CHANCE, promises_kept, worth_of
from core.words import share_words, threshold_words
from tests.metrics.table_study import TableStudy
from tests.thresholds.test_grey_zone import made_study


def shifted(by: float, n_test: int = 200) -> TableStudy:
    """One class, one film a patient; on test the positives score lower."""
    rng = np.random.default_rng(0)
    labels = np.tile([1.0, 0.0], 200)[:, None]
    scores = rng.normal(size=labels.shape) + 2 * labels
    splits = ["val"] * 200 + ["test"] * n_test + ["train"] * (200 - n_test)
    scores[200:] -= by * labels[200:]
    return TableStudy(("a",), labels, splits, {"zero_shot": scores}, {"zero_shot": "logit"})


@pytest.mark.parametrize(("by", "verdict"), [(0.0, KEPT), (0.4, WITHIN_CHANCE), (3.0, BROKEN)])
def test_a_promise_is_read_on_other_films_with_its_exact_interval(by: float, verdict: str) -> None:
    study = shifted(by)
    chosen = fit_thresholds(study, "zero_shot", "promised-sensitivity", parameter=0.8)
    (one,) = promises_kept(study, "test", chosen)
    found = int(np.count_nonzero(study.scores("zero_shot")[200:][study.labels[200:] == 1] >= chosen.values["a"]))
    ends = binomtest(found, 100).proportion_ci(0.95, method="exact")
    assert (one.value, one.n) == (pytest.approx(found / 100), 100)
    assert (one.interval.low, one.interval.high) == (pytest.approx(ends.low), pytest.approx(ends.high))
    assert one.fitted == pytest.approx(1 - chosen.fits["a"].promises[0].failures / 100)
    assert one.verdict == verdict


def test_false_alarms_are_read_per_hundred() -> None:
    study = shifted(0.0)
    chosen = fit_thresholds(study, "zero_shot", "promised-false-alarms", parameter=10.0)
    (one,) = promises_kept(study, "test", chosen)
    alarms = int(np.count_nonzero(study.scores("zero_shot")[200:][study.labels[200:] == 0] >= chosen.values["a"]))
    ends = binomtest(alarms, 200).proportion_ci(0.95, method="exact")
    assert one.value == pytest.approx(100 * alarms / 200)
    assert (one.interval.low, one.interval.high) == (pytest.approx(100 * ends.low), pytest.approx(100 * ends.high))


def test_missed_findings_are_read_over_all_classes() -> None:
    study = made_study()
    chosen = fit_thresholds(study, "zero_shot", "missed-findings", parameter=0.3)
    (one,) = promises_kept(study, "test", chosen)
    rows = study.rows("test")
    missed = ((study.labels[rows] == 1) & ~chosen.rule().decide(study.scores("zero_shot")[rows])).sum(axis=1)
    by_patient: dict[str, list[int]] = {}
    for patient, number, read in zip(study.patient_ids(rows), missed, ~np.isnan(study.labels[rows]), strict=True):
        if read.any():
            by_patient.setdefault(patient, []).append(int(number))
    assert one.finding is None
    assert one.value == pytest.approx(np.mean([np.mean(films) for films in by_patient.values()]))
    assert one.interval.low < one.value < one.interval.high


def test_a_promise_that_no_patient_can_tell_of_is_not_known() -> None:
    study = shifted(0.0)
    chosen = fit_thresholds(study, "zero_shot", "promised-sensitivity", parameter=0.8)
    study.labels[200:] = 0
    (one,) = promises_kept(study, "test", chosen)
    assert (one.verdict, one.n) == (UNKNOWN, 0)
    assert math.isnan(one.value)
    assert not one.interval.is_estimable


def test_figures_stand_side_by_side_with_what_they_lost() -> None:
    study = shifted(1.0)
    chosen = fit_thresholds(study, "zero_shot")
    worth = worth_of(study, "test", chosen)
    cut = chosen.values["a"]
    on_val, on_test = (
        float(np.mean(study.scores("zero_shot")[rows][study.labels[rows] == 1] >= cut))
        for rows in (slice(None, 200), slice(200, None))
    )
    said = shrinkage_table(worth).loc["a", "Recall"]
    assert said == f"{on_val:.3f} → {on_test:.3f} (−{on_val - on_test:.3f})"
    recall = next(figure for figure in shrinkage_figures() if figure.title == "Recall")
    apart = shrinkage_of(worth, recall, "Validation", "Test").loc["a"]
    assert apart.to_dict() == {
        "Validation": f"{on_val:.3f}",
        "Test": f"{on_test:.3f}",
        "Change": f"−{on_val - on_test:.3f}",
    }
    few = worth_of(shifted(1.0, n_test=8), "test", chosen)
    assert few is not None
    assert shrinkage_of(few, recall, "Validation", "Test").loc["a", "Change"] == "too few: 4"
    assert on_test < on_val
    assert overall_shrinkage(worth).columns.tolist() == ["val → test"]
    assert worth.kept == ()


@pytest.mark.parametrize("cut", [0.9, None])
def test_a_promise_is_read_where_a_hand_moved_the_cut(cut: float | None) -> None:
    study = shifted(0.4)
    promised = fit_thresholds(study, "zero_shot", "promised-sensitivity", parameter=0.8)
    at = np.array([np.nan if cut is None else cut])
    moved = promised.with_values(at, films_of(study, "val"))
    (before,), (after,) = promises_kept(study, "test", promised), promises_kept(study, "test", moved, promised)
    scores, labels = study.scores("zero_shot")[:, 0], study.labels[:, 0]
    found = (labels == 1) & (scores >= (np.inf if cut is None else cut))
    assert after.value == pytest.approx(np.count_nonzero(found[200:]) / 100)
    assert after.fitted == pytest.approx(np.count_nonzero(found[:200]) / 100)
    assert (after.said, after.level, after.n) == (before.said, before.level, before.n)
    assert after.value < before.value
    assert after.verdict == BROKEN


def test_a_class_without_a_threshold_is_not_compared() -> None:
    study = made_study()
    chosen = fit_thresholds(study, "zero_shot", "rule-out-rule-in", parameter=0.7)
    worth = worth_of(study, "test", chosen)
    assert shrinkage_table(worth).index.tolist() == ["common"]
    table = kept_table(worth.kept, "val", "test")
    assert table.index.tolist() == ["common", "common"]
    assert table["Promised"].tolist() == ["a sensitivity of at least 0.7", "a specificity of at least 0.7"]


@pytest.mark.parametrize("split", ["val", "all"])
def test_nothing_is_compared_with_itself(split: str) -> None:
    study = shifted(0.0)
    assert worth_of(study, split, fit_thresholds(study, "zero_shot")) is None
    assert worth_of(study, "test", fit_thresholds(study, "zero_shot", "paper-cut")) is None


def test_a_table_says_what_was_promised_at_what_price_and_what_it_would_take() -> None:
    chosen = fit_thresholds(made_study(), "zero_shot", "rule-out-rule-in", parameter=0.7)
    table = promise_table(chosen.fits)
    assert table.index.tolist() == ["common", "common", "rare", "rare"]
    out, into = chosen.fits["common"].promises
    first = table.iloc[0]
    assert first["Cut"] == threshold_words(chosen.values["common"])
    assert table.iloc[1]["Cut"] == threshold_words(chosen.uppers["common"])
    assert first["Fail here"] == f"{out.failures} of {out.n}"
    assert first["Kept in"] == share_words(out.kept, 1)
    assert (first["False alarms"], first["Missed"]) == (f"+{out.more_false_alarms}", f"−{-out.more_missed}")
    assert into.more_missed > 0 > into.more_false_alarms
    assert table.iloc[2]["Cut"] == "–"
    assert table.iloc[2]["Fail here"] == "takes 11 patients with a positive film"
