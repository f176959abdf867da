"""Rows with whiskers, differences and costs: what is drawn is what is known, and what is not is said."""

from __future__ import annotations

import math
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from core.figures.contests import (
    contest_rows,
    cost_figure,
    cost_table,
    difference_rows,
    difference_table,
    not_drawn,
    reference_of,
    references,
)
from core.figures.forest import ForestRow, forest_html
from core.figures.prompt_spread import denial_rows, spread_rows
from core.metrics.overall_figures import MACRO_AUROC
from core.prompts.survey import survey
from core.report.cost import COSTS, cost_named
from core.report.groups import ADAPTERS, FINE_TUNED, IMPORTED, PROBES, TRAINING_FREE, group_of, grouped
from core.settings import registry
from core.study.training_record import TrainingRecord
from tests.prompts.test_survey import planted as asked_study
from tests.report.test_report import planted
from tests.report.test_verdict import contested

THREE = {"zero_shot": 0.36, "linear_probe": 0.37, "fine_tune": 0.52}


def parsed(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(html)


def test_a_row_stands_where_its_value_is_on_the_scale() -> None:
    rows = [ForestRow("A", 0.5, 0.0, 1.0, "0.500 (0 to 1)"), ForestRow("B <x>", 1.0, math.nan, math.nan, "1.000")]
    listed = parsed(forest_html(rows, title="Two"))
    first, second, *foot = listed
    assert (first.get("role"), first[0].text, first[2].text) == ("listitem", "A", "0.500 (0 to 1)")
    whisker, dot = first[1]
    assert "left: 0.00%; width: 100.00%" in str(whisker.get("style"))
    assert "calc(50.00% - 5px)" in str(dot.get("style"))
    assert len(second[1]) == 1
    assert second[0].text == "B <x>"
    assert [span.text for span in foot[1]] == ["0.00", "1.00"]


def test_differences_have_a_line_at_0_and_a_ring_where_they_may_be_chance() -> None:
    found = contested(THREE)
    rows = difference_rows(found, "zero_shot")
    assert [(row.label, row.hollow) for row in rows] == [("Fine-tuning", False), ("Linear probe", True)]
    listed = parsed(forest_html(rows, title="Differences", zero=True))
    assert "border-left: 1px dashed" in str(listed[0][1][0].get("style"))
    assert "background: Canvas" in str(listed[1][1][-1].get("style"))


def test_nothing_defined_still_draws_a_scale() -> None:
    html = forest_html([ForestRow("A", math.nan, math.nan, math.nan, "–")], title="None")
    assert len(parsed(html)[0][1]) == 0


def test_rows_are_best_first_with_intervals_in_words() -> None:
    rows = contest_rows(contested(THREE))
    assert [row.label for row in rows] == ["Fine-tuning", "Linear probe", "Zero-shot"]
    assert rows[0].text.startswith("0.520 (0.4")
    assert rows[0].low < rows[0].value < rows[0].high


def test_settings_are_set_against_zero_shot_and_the_best_once_each() -> None:
    found = contested(THREE)
    assert references(found) == ("zero_shot", "fine_tune")
    table = difference_table([found, contested(THREE, figure=MACRO_AUROC)])
    assert list(table.index) == [
        "Fine-tuning minus Zero-shot",
        "Linear probe minus Zero-shot",
        "Linear probe minus Fine-tuning",
    ]
    assert table.iloc[0, 0].endswith(" *")
    assert not table.iloc[1, 0].endswith(" *")
    assert references(contested({"zero_shot": 0.9, "fine_tune": 0.1})) == ("zero_shot",)
    assert reference_of(contested({"a": 0.9, "b": 0.1})) == "b"


def test_what_a_gain_cost_is_drawn_with_whiskers_and_what_is_unknown_is_named() -> None:
    found = contested({**THREE, "NIH <b>": 0.4})
    costs = {
        name: {cost.name: spent for cost in COSTS}
        for name, spent in (("zero_shot", 0.0), ("linear_probe", 0.0), ("fine_tune", 9.5), ("NIH <b>", math.nan))
    }
    figure = cost_figure(found, cost_named("minutes"), costs)
    (trace,) = figure.data
    assert list(trace.x) == [9.5]
    gain = found.difference("fine_tune", "zero_shot")
    assert list(trace.y) == [pytest.approx(gain.value)]
    assert trace.error_y.array[0] == pytest.approx(gain.interval.high - gain.value)
    assert trace.error_y.arrayminus[0] == pytest.approx(gain.value - gain.interval.low)
    assert not_drawn(found, cost_named("minutes"), costs) == [
        "Not drawn, no record of training time: NIH <b>.",
        "Not drawn, training time 0: Linear probe.",
    ]
    nothing = {name: dict.fromkeys(spent, math.nan) for name, spent in costs.items()}
    empty = cost_figure(found, cost_named("minutes"), nothing)
    assert not empty.data
    assert "No setting has a cost" in empty.layout.annotations[0].text
    table = cost_table(found, costs)
    assert table.loc["NIH <b>", "Training time (min)"] == "–"
    assert table.loc["Zero-shot", "Training time (min)"] == "0.00"
    assert table.loc["Fine-tuning", "Kind"] == "Fine-tuned"
    assert table.loc["Zero-shot"].iloc[-1] == "–"


def test_costs_are_those_of_the_manifest_and_nothing_learnt_costs_nothing() -> None:
    study = planted()
    entry = study.manifest.settings["fine_tune"]
    record = TrainingRecord("schedule", n_parameters=1234, n_films=100)
    known = replace(entry, training=record, trained_on={"Edema": (3, 90), "Pneumonia": (5, 80)})
    settings = {**study.manifest.settings, "fine_tune": known}
    study.manifest = replace(study.manifest, settings=settings)
    spent = {cost.name: cost.of(study, "fine_tune") for cost in COSTS}
    assert spent == {"minutes": 15.47, "parameters": 1234, "films": 100, "labels": 178}
    assert {cost.of(study, "zero_shot") for cost in COSTS} == {0.0}
    assert all(math.isnan(cost.of(study, "linear_probe")) for cost in COSTS)


def test_settings_stand_in_their_groups() -> None:
    assert group_of("zero_shot") is TRAINING_FREE
    assert group_of("linear_probe") is PROBES
    assert group_of("fine_tune") is FINE_TUNED
    groups = {ADAPTERS: "clip_adapter prompt_learning", TRAINING_FREE: "ss_text tip_adapter", FINE_TUNED: "lora"}
    assert all(group_of(name) is group for group, names in groups.items() for name in names.split())
    assert group_of("linear_probe_converged") is group_of("lp_plus_plus") is PROBES
    assert group_of("chexnet") is IMPORTED
    assert grouped(["chexnet", "fine_tune", "zero_shot", "nih"]) == {
        TRAINING_FREE: ("zero_shot",),
        FINE_TUNED: ("fine_tune",),
        IMPORTED: ("chexnet", "nih"),
    }
    assert sum(map(len, grouped(registry.names()).values())) == len(registry.names())


def test_the_spread_over_wordings_marks_the_study_s_own() -> None:
    study, asked, _ = asked_study()
    found = survey(study, asked)
    figures = found.classes[0].splits["test"]
    (edema, fracture) = spread_rows(found)
    assert (edema.value, edema.low, edema.high) == (figures.own_auroc, figures.auroc.min(), figures.auroc.max())
    assert edema.text == f"{figures.own_auroc:.3f} ({figures.auroc.min():.3f} to {figures.auroc.max():.3f})"
    assert fracture.label == "Fracture"
    assert [row.hollow for row in denial_rows(found)] == [
        False,
        bool(found.classes[1].splits["test"].denied.mean() > 0.5),
    ]
