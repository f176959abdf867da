"""Tables as shown: numbers with their intervals, what is undefined, and where probabilities come from."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from core.figures.class_tables import (
    calibration_sources,
    calibration_table,
    class_table,
    comparison_table,
    subgroup_differences,
    subgroup_table,
)
from core.figures.contests import contest_table
from core.figures.subgroups import subgroup_figure
from core.metrics.intervals import Interval, not_estimable
from core.metrics.overall_figures import EXACT_MATCH, MACRO_AUROC, MACRO_F1
from core.report.contest import contests
from core.report.report import compute_report
from core.report.subgroups import GROUPINGS, subgroups
from core.thresholds import fit_thresholds
from core.thresholds.calibration import ClassCalibration
from core.thresholds.compare import compare_all
from tests.report.test_subgroups import study


def test_every_figure_of_a_class_stands_beside_its_interval() -> None:
    report = compute_report(study(), "test", intervals=True, n_resamples=20)
    metrics = report.settings["linear_probe"].per_class
    table = class_table(metrics).set_index("Class")
    for title, name in (("F1", "f1"), ("Precision", "precision"), ("AP", "average_precision"), ("AUROC", "auroc")):
        low, high = map(float, table.loc["A", f"{title}, 95 %"].split(" to "))
        assert low <= table.loc["A", title] == getattr(metrics["A"], name) <= high
    assert (table["Positive"] + table["Negative"]).tolist() == [row.n_read for row in metrics.values()]
    bare = class_table(compute_report(study(), "test").settings["linear_probe"].per_class)
    assert not [column for column in bare if "95" in column]


def test_over_all_classes_the_heading_says_what_a_figure_is_over() -> None:
    found = study()
    sets = [fit_thresholds(found, name) for name in found.settings]
    table = contest_table(contests(found, "test", sets, [MACRO_F1, MACRO_AUROC, EXACT_MATCH]))
    overall = compute_report(found, "test").settings["linear_probe"].overall
    headings = list(table)
    agreed = ["Macro F1, 3 classes", f"Exact match, {overall.n_films_matched} films"]
    assert [heading for heading in headings if heading in agreed] == agreed
    assert table.iloc[0, 0].startswith(f"{overall.macro_f1:.3f} (")


def test_settings_differ_the_later_less_the_earlier() -> None:
    base = study()
    noise = np.random.default_rng(8).normal(size=base.labels.shape)
    both = replace(
        base,
        scores_of={"zero_shot": noise, **base.scores_of},
        kinds={"zero_shot": "logit", "linear_probe": "logit"},
    )
    (pair,) = compare_all(both, "test", [fit_thresholds(both, name) for name in both.settings])
    by_class = comparison_table(pair.reversed()).set_index("Class")
    assert "AUROC higher" in by_class.loc["A", "Excludes 0"]
    assert "AUROC lower" in comparison_table(pair).set_index("Class").loc["A", "Excludes 0"]
    assert by_class.loc["A", "AUROC"] == -comparison_table(pair).set_index("Class").loc["A", "AUROC"]


def test_groups_are_drawn_with_intervals_and_hollow_without() -> None:
    found = study(sex=["F"] * 396 + ["M"] * 4)
    chosen = fit_thresholds(found, "linear_probe")
    groups = subgroups(found, "test", chosen, GROUPINGS[1])
    every = compute_report(found, "test", intervals=True, n_resamples=20).settings["linear_probe"].per_class["A"]
    figure = subgroup_figure(groups, "A", every)
    assert [list(trace.marker.symbol) for trace in figure.data] == [["diamond", "diamond-open"]] * 3
    assert figure.data[0].y[0] == f"F (n = {groups[0].per_class['A'].n_positive})"
    assert [shape.x0 for shape in figure.layout.shapes] == [every.recall, every.specificity, every.auroc]
    table = subgroup_table(groups, "A")
    assert table["Films"].tolist() == [196, 4]
    assert table["Recall, 95 %"][1].startswith("not estimable")
    assert subgroup_differences(groups, "A")["Recall"].str.contains("not estimable|–").all()


def test_where_probabilities_come_from_is_said_once_and_who_has_none_by_name() -> None:
    def row(finding: str, is_defined: bool, words: str) -> ClassCalibration:
        value = 0.25 if is_defined else math.nan
        interval = Interval(0.1, 0.3, 9, is_estimable=True) if is_defined else not_estimable(2)
        return ClassCalibration(
            finding, is_defined, words, 20, 9, value, 0.45, value, value, value, interval, 0.2475
        )  # fmt: skip

    rows = [row("A", True, "Platt"), row("B", False, "too few"), row("C", True, "Platt")]
    assert calibration_sources(rows) == ["Probabilities: Platt.", "No probabilities for B: too few."]
    table = calibration_table(rows).set_index("Class")
    assert table.loc["A", "Brier, 95 %"] == "0.100 to 0.300"
    assert table.loc["B", "Brier, 95 %"] is None or math.isnan(table.loc["B", "Brier, 95 %"])
    assert math.isnan(table.loc["B", "ECE"])
