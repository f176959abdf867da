"""A figure that only this test registers is in every table, report, file and on the deck, with the right value."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, precision_score

from core.commands.report import report_text
from core.exports.html import html_report
from core.exports.tables import ALL_CLASSES, metrics_csv, metrics_latex
from core.exports.thresholds import threshold_json
from core.figures.class_tables import (
    class_table,
    comparison_table,
    subgroup_differences,
    subgroup_table,
)
from core.figures.contests import contest_table, difference_table
from core.figures.results_table import results_table
from core.figures.subgroups import subgroup_figure
from core.metrics import cells, class_figures, overall_figures
from core.metrics.cells import Cells, Numbers, share
from core.metrics.class_figure import ClassFigure, ClassFilms
from core.metrics.evidence import DecisionCounts
from core.metrics.intervals import Interval
from core.metrics.overall_figure import OverallFigure
from core.paper import published
from core.report.contest import contest
from core.report.report import compute_report
from core.report.subgroups import GROUPINGS, subgroups
from core.study import Study, open_study
from core.thresholds import fit_thresholds
from core.thresholds.compare import compare_all, overall_intervals
from core.thresholds.operating_point import point_of_set
from pages.thresholds.answer import figures_shown
from tests.pages.made_study import make_study
from tests.report.test_subgroups import study as grouped_study

SETTING = "fine_tune"


def balanced_accuracy(counts: DecisionCounts) -> Numbers:
    return counts.mean_over_classes(lambda one: (cells.recall(one) + cells.specificity(one)) / 2)


def negative_predictive_value(counts: Cells) -> Numbers:
    return share(counts.tn, counts.tn + counts.fn)


def interval_of_it(films: ClassFilms) -> Interval:
    return films.share_interval(films.negative & ~films.decisions, ~np.isnan(films.labels) & ~films.decisions)


OVER_CLASSES = OverallFigure(
    "made_up_accuracy", "Balanced success", "Mean of recall and specificity", of_decisions=balanced_accuracy
)
OF_A_CLASS = ClassFigure(
    "made_up_npv",
    "NPV of it",
    "Share of the films not predicted that are negative",
    of_decisions=negative_predictive_value,
    interval=interval_of_it,
    is_steady=True,
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(make_study(tmp_path_factory.mktemp("registry") / "study", n_films=300))


@pytest.fixture
def sets(study: Study):
    return {setting: fit_thresholds(study, setting) for setting in study.settings}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overall_figures, "OVERALL_FIGURES", (*overall_figures.OVERALL_FIGURES, OVER_CLASSES))
    monkeypatch.setattr(class_figures, "CLASS_FIGURES", (*class_figures.CLASS_FIGURES, OF_A_CLASS))


@pytest.fixture
def balanced(study: Study, sets) -> float:
    """By scikit-learn, over the classes with films of both kinds."""
    rows = study.rows("test")
    decided = sets[SETTING].rule().decide(study.scores(SETTING)[rows])
    values = []
    for labels, called in zip(study.labels[rows].T, decided.T, strict=True):
        read = ~np.isnan(labels)
        if len(set(labels[read])) == 2:
            values.append(balanced_accuracy_score(labels[read], called[read]))
    return float(np.mean(values))


def npv_of(study: Study, sets, finding: str) -> float:
    """By scikit-learn, which calls it the precision of the negatives."""
    rows, column = study.rows("test"), study.classes.index(finding)
    labels, scores = study.labels[rows, column], study.scores(SETTING)[rows]
    read = ~np.isnan(labels)
    called = sets[SETTING].rule().decide(scores)[:, column]
    return float(precision_score(labels[read], called[read], pos_label=0))


def csv_rows(text: str) -> dict[str, dict[str, str]]:
    """By class, of SETTING."""
    return {row["class"]: row for row in csv.DictReader(io.StringIO(text)) if row["setting"] == SETTING}


def test_over_classes_it_is_in_every_table_and_file(study: Study, sets, balanced: float) -> None:
    report = compute_report(study, "test", intervals=True)
    overall = {name: one.overall for name, one in report.settings.items()}
    assert overall[SETTING].value(OVER_CLASSES) == pytest.approx(balanced)
    interval = overall[SETTING].intervals["made_up_accuracy"]
    assert interval.low < balanced < interval.high
    shown, ends = f"{balanced:.3f}", f"{interval.low:.3f} to {interval.high:.3f}"

    table = results_table(overall)
    assert table.loc["Fine-tuning", OVER_CLASSES.heading].text == shown
    assert OVER_CLASSES.heading not in results_table(published.OVERALL)
    ranked = contest(study, "test", tuple(sets.values()), OVER_CLASSES)
    assert contest_table([ranked]).loc["Fine-tuning", "Balanced success"] == f"{shown} ({ends})"
    line = next(line for line in report_text(report).splitlines() if line.startswith("Balanced success"))
    assert f"{shown} ({ends})" in line
    written = json.loads(json.dumps(report.to_json()["settings"][SETTING]["overall"]))
    assert written["made_up_accuracy"] == pytest.approx(balanced)
    assert written["intervals"]["made_up_accuracy"]["low"] == interval.low

    row = csv_rows(metrics_csv(study, "test", sets))[ALL_CLASSES]
    assert float(row["made_up_accuracy"]) == pytest.approx(balanced)
    assert float(row["made_up_accuracy_low"]) < balanced < float(row["made_up_accuracy_high"])
    assert f"Balanced success {shown} (" in metrics_latex(study, "test", sets)
    assert f"<td>{shown} (" in html_report(study, "test", sets).split("Balanced success")[1].split("</tr>")[0]


def test_over_classes_it_follows_moving_thresholds_and_is_compared(study: Study, sets, balanced: float) -> None:
    point = point_of_set(study, "test", sets[SETTING])
    assert point.to_json()["overall"]["made_up_accuracy"] == pytest.approx(balanced)
    assert overall_intervals(study, "test", sets[SETTING])["made_up_accuracy"].is_estimable
    assert figures_shown()["overall"][-1]["title"] == "Balanced success"
    kept = {
        one["setting"]: one["figures"]["overall"] for one in json.loads(threshold_json(study, "test", sets))["sets"]
    }
    assert kept[SETTING]["made_up_accuracy"] == pytest.approx(balanced)
    assert kept[SETTING]["made_up_accuracy_low"] < balanced
    pairs = compare_all(study, "test", tuple(sets.values()))
    gap = pairs[-1].overall["made_up_accuracy"]
    assert gap.interval.low < gap.value < gap.interval.high
    table = difference_table([contest(study, "test", tuple(sets.values()), OVER_CLASSES)])
    assert table[OVER_CLASSES.heading].str.contains(" to ").all()


def test_of_a_class_it_is_in_every_table_and_file(study: Study, sets) -> None:
    finding = "Edema"
    value = npv_of(study, sets, finding)
    report = compute_report(study, "test", intervals=True)
    metrics = report.settings[SETTING].per_class
    assert metrics[finding].value(OF_A_CLASS) == pytest.approx(value)
    interval = metrics[finding].intervals["made_up_npv"]
    assert interval.low < value < interval.high

    table = class_table(metrics).set_index("Class")
    assert table.loc[finding, "NPV of it"] == pytest.approx(value)
    assert table.loc[finding, "NPV of it, 95 %"] == f"{interval.low:.3f} to {interval.high:.3f}"
    text = report_text(report).split(SETTING + " (")[-1]
    block = next(block for block in text.split("\n\n") if "NPV of it" in block)  # beside the others, or below
    line = next(line for line in block.splitlines() if line.startswith(finding))
    assert line.endswith(f"{value:.2f} ({interval.low:.2f} to {interval.high:.2f})")
    assert all(len(line) <= 200 for line in text.split("\n\nNotes")[0].splitlines())
    written = report.to_json()["settings"][SETTING]["per_class"][finding]
    assert written["made_up_npv"] == pytest.approx(value)
    row = csv_rows(metrics_csv(study, "test", sets))[finding]
    assert [float(row[name]) for name in ("made_up_npv", "made_up_npv_low", "made_up_npv_high")] == pytest.approx(
        [value, interval.low, interval.high]
    )
    for text in (metrics_latex(study, "test", sets), html_report(study, "test", sets)):
        assert "NPV of it" in text
        assert f"{value:.2f} ({interval.low:.2f} to {interval.high:.2f})" in text


def test_of_a_class_it_is_on_the_deck_compared_and_measured_in_groups(study: Study, sets) -> None:
    finding = "Edema"
    value = npv_of(study, sets, finding)
    row = point_of_set(study, "test", sets[SETTING]).to_json()["classes"][study.classes.index(finding)]
    assert row["made_up_npv"] == pytest.approx(value)
    assert row["made_up_npv_low"] < value < row["made_up_npv_high"]
    assert figures_shown()["classes"][-1]["name"] == "made_up_npv"
    pair = compare_all(study, "test", tuple(sets.values()))[-1]
    assert math.isfinite(pair.per_class[finding]["made_up_npv"].value)
    assert list(comparison_table(pair))[-3:] == ["NPV of it", "NPV of it, 95 %", "Excludes 0"]

    grouped = grouped_study(sex=["F", "M"] * 200)
    chosen = fit_thresholds(grouped, "linear_probe")
    groups = subgroups(grouped, "test", chosen, GROUPINGS[1])
    every = compute_report(grouped, "test", intervals=True, n_resamples=20).settings["linear_probe"].per_class["A"]
    assert "NPV of it" in subgroup_table(groups, "A")
    assert subgroup_differences(groups, "A")["NPV of it"].str.contains(" to ").all()
    assert subgroup_figure(groups, "A", every).layout.xaxis4.title.text == "NPV of it"


def test_the_figures_of_the_project_are_named_once() -> None:
    for figures in (overall_figures.overall_figures(), class_figures.class_figures()):
        assert len({figure.name for figure in figures}) == len({figure.title for figure in figures}) == len(figures)
        assert all(figure.help for figure in figures)
    for figure in overall_figures.overall_figures():
        assert sum(of is not None for of in (figure.of_decisions, figure.of_ranking, figure.of_setting)) == 1
    for one in class_figures.class_figures():
        assert (one.of_decisions is None) != (one.of_ranking is None)
