"""Which setting is best: right where it is planted, and never a winner without an interval."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from core.metrics.overall_figures import COVERAGE_ERROR, MACRO_AUROC, MACRO_F1, Overall, overall_figures
from core.report.compared import compare_settings
from core.report.contest import Contest, contest, contest_figures, contests, ranked, usual_figure
from core.report.report import compute_report
from core.report.verdict import verdict
from core.thresholds import fit_thresholds
from tests.metrics.table_study import TableStudy
from tests.report.test_report import planted

SIZES = Overall(
    values={}, n_true_labels=200, n_predicted_labels=200, n_classes_f1=10, n_classes_auroc=10, n_films=300,
    n_films_matched=300, n_films_ranked=300,
)  # fmt: skip


def contested(means: Mapping[str, float], spread: float = 0.02, figure=MACRO_F1, seed: int = 0) -> Contest:
    """Settings whose figure is known, resampled independently with a spread."""
    rng = np.random.default_rng(seed)
    rows = [replace(SIZES, values={figure.name: value}) for value in means.values()]
    drawn = np.stack([rng.normal(value, spread, 1000) for value in means.values()], axis=1)
    return ranked(figure, list(means), rows, drawn)


def test_a_planted_best_is_named_with_its_lead_over_zero_shot() -> None:
    found = verdict(contested({"zero_shot": 0.36, "linear_probe": 0.30, "fine_tune": 0.52}))
    assert found.kind == "clear"
    assert found.sentence.startswith("Fine-tuning is best: macro F1 0.520 (0.4")
    assert "), +0.160 over zero-shot (+0.0" in found.sentence
    assert "3 settings compared on the same films" in found.grounds
    assert "all 3 pairs at once" in found.grounds


def test_a_lead_that_may_be_chance_makes_no_winner() -> None:
    found = verdict(contested({"zero_shot": 0.30, "linear_probe": 0.51, "fine_tune": 0.52}))
    assert found.kind == "open"
    assert found.sentence.startswith("No setting is clearly best: fine-tuning has the highest macro F1, 0.520 (")
    assert "its lead over linear probe, +0.010 (−0.0" in found.sentence
    assert found.sentence.endswith("), may be chance.")


def test_a_lead_that_is_clear_of_one_is_not_clear_of_fifteen() -> None:
    """The same figures: named best of two, and not of fifteen, where the largest of many leads is looked at."""
    two = {"zero_shot": 0.50, "fine_tune": 0.562}
    many = {**two, **{f"import-{number}": 0.50 for number in range(13)}}
    assert verdict(contested(two)).kind == "clear"
    found = verdict(contested(many))
    assert found.kind == "open"
    assert "15 settings" in found.grounds
    assert "all 105 pairs" in found.grounds
    assert "others" in found.sentence


def test_where_zero_shot_is_best_the_second_is_what_it_leads() -> None:
    found = verdict(contested({"zero_shot": 0.7, "linear_probe": 0.5, "NIH-model": 0.6}))
    assert found.sentence.startswith("Zero-shot is best")
    assert "+0.100 over NIH-model (" in found.sentence


def test_of_an_error_the_lowest_is_best() -> None:
    found = contested({"zero_shot": 4.2, "fine_tune": 1.8}, figure=COVERAGE_ERROR)
    assert [row.setting for row in found.rows] == ["fine_tune", "zero_shot"]
    assert "coverage error 1.80 (" in verdict(found).sentence
    assert "−2.40 over zero-shot" in verdict(found).sentence


def test_one_setting_alone_is_not_called_best() -> None:
    found = verdict(contested({"chexnet": 0.4}))
    assert found.kind == "alone"
    assert found.sentence.startswith("One setting, chexnet: macro F1 0.400 (")
    assert "not called best" in found.grounds


def test_without_intervals_there_is_no_winner() -> None:
    rows = [replace(SIZES, values={"macro_f1": value}) for value in (0.2, 0.9)]
    found = verdict(ranked(MACRO_F1, ["zero_shot", "fine_tune"], rows, np.full((1, 2), np.nan)))
    assert (found.kind, found.sentence[:32]) == ("open", "No setting is clearly best: fine")
    assert "not estimable" in found.sentence


def test_few_positives_make_no_winner() -> None:
    rows = [replace(SIZES, n_true_labels=3, values={"macro_f1": value}) for value in (0.1, 0.9)]
    drawn = np.random.default_rng(0).normal([0.1, 0.9], 0.01, (1000, 2))
    found = verdict(ranked(MACRO_F1, ["zero_shot", "fine_tune"], rows, drawn))
    assert found.kind == "open"
    assert "not estimable, n = 3" in found.sentence


def test_undefined_settings_stand_last_and_are_said() -> None:
    found = contested({"a": math.nan, "zero_shot": 0.2, "fine_tune": 0.9})
    assert [row.setting for row in found.rows] == ["fine_tune", "zero_shot", "a"]
    assert "Macro F1 is undefined for a." in verdict(found).grounds
    assert verdict(contested({"a": math.nan, "b": math.nan})).kind == "undefined"


def test_figures_of_a_study_are_those_of_its_report() -> None:
    study = planted()
    sets = [fit_thresholds(study, setting) for setting in study.settings]
    report = compute_report(study, "test", intervals=True)
    for figure in contest_figures():
        found = contest(study, "test", sets, figure)
        for row in found.rows:
            overall = report.settings[row.setting].overall
            assert row.value == pytest.approx(overall.value(figure), abs=1e-12)
            if figure.name in overall.intervals:
                assert (row.interval.low, row.interval.high) == pytest.approx(
                    (overall.intervals[figure.name].low, overall.intervals[figure.name].high)
                )
    assert verdict(contest(study, "test", sets)).sentence.startswith("Fine-tuning is best")


def test_settings_without_thresholds_are_ranked_by_auroc() -> None:
    study = planted()
    n, kinds = len(study.labels), dict.fromkeys(study.settings, "similarity")
    without = TableStudy(study.classes, study.labels, ["test"] * n, study.scores_of, kinds)
    sets = [fit_thresholds(without, setting) for setting in without.settings]
    assert usual_figure(sets) is MACRO_AUROC
    found = contest(without, "test", sets)
    assert found.rows[0].setting == "fine_tune"
    assert verdict(contest(without, "test", sets, MACRO_F1)).kind == "undefined"


def test_several_figures_at_once_are_what_each_is_alone() -> None:
    study = planted()
    sets = [fit_thresholds(study, setting) for setting in study.settings]
    figures = [MACRO_AUROC, MACRO_F1, COVERAGE_ERROR]
    for one, figure in zip(contests(study, "test", sets, figures), figures, strict=True):
        alone = contest(study, "test", sets, figure)
        assert one.rows == alone.rows
        assert one.differences == alone.differences
        assert one.over == alone.over
    assert contests(study, "test", sets, figures)[1].over == "5 classes"


def test_every_figure_with_an_interval_can_rank() -> None:
    names = {figure.name for figure in contest_figures()}
    assert names == {one.name for one in overall_figures() if one.has_interval and one.better}
    assert {"macro_f1", "lrap", "macro_auroc"} <= names


def test_a_report_takes_the_comparison_along_as_json_without_nan() -> None:
    study = planted()
    sets = [fit_thresholds(study, setting) for setting in study.settings]
    found = compare_settings(study, "test", sets)
    assert found is not None
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert content["verdict"] == "clear"
    assert content["sentence"].startswith("Fine-tuning is best")
    assert content["settings"][0]["setting"] == "fine_tune"
    assert len(content["differences"]) == 3
    assert {one["way"] for one in content["transfer"]} == {"rank", "raw"}
    assert compare_settings(study, "test", []) is None
