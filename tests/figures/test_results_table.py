from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.figures.class_tables import class_table
from core.figures.results_table import Cell, figures_line, in_order, results_columns, results_table, spread_line
from core.metrics.overall_figures import COVERAGE_ERROR, MACRO_F1, MINUTES, FigureRow
from core.metrics.summary import summarise_classes
from core.paper import published
from pages.shared.take import markdown_table


def test_published_table_has_eight_columns_arrows_best_blue_worst_red() -> None:
    table = results_table(published.OVERALL)
    assert list(table) == [figure.heading for figure in published.COLUMNS]
    assert list(table.index) == ["Zero-shot", "Linear probe", "Fine-tuning"]
    assert table.loc["Fine-tuning", "Macro F1\N{NO-BREAK SPACE}↑"] == Cell("0.235", "best")
    assert table.loc["Zero-shot", "Macro F1\N{NO-BREAK SPACE}↑"] == Cell("0.105", "worst")
    assert table.loc["Fine-tuning", "Coverage error\N{NO-BREAK SPACE}↓"] == Cell("2.75", "best")
    assert table.loc["Zero-shot", "Coverage error\N{NO-BREAK SPACE}↓"] == Cell("7.70", "worst")
    assert table.loc["Fine-tuning", "Intra-class distance\N{NO-BREAK SPACE}↓"] == Cell("12.76", "best")
    assert list(table["Time (min)\N{NO-BREAK SPACE}↓"]) == [Cell("–"), Cell("6.10"), Cell("15.47")]


@pytest.mark.real
def test_published_figures_are_those_of_the_paper(real_data) -> None:
    lines = (real_data / "paper-facts" / "table_overall_3dp.csv").read_text().splitlines()
    for setting, short in (("zero_shot", "zs"), ("linear_probe", "lp"), ("fine_tune", "ft")):
        cells = next(line for line in lines if line.startswith(f"{short},")).split(",")[1:]
        row = published.OVERALL[setting]
        for column, cell in zip(published.COLUMNS, cells, strict=True):
            value = row.value(column)
            assert math.isnan(value) if cell == "" else value == pytest.approx(float(cell)), column


def test_undefined_is_a_dash_and_neither_best_nor_worst() -> None:
    names = [column.name for column in results_columns()]
    rows = {"a": FigureRow(dict.fromkeys(names, math.nan)), "b": FigureRow(dict.fromkeys(names, 0.25))}
    table = results_table(rows)
    assert set(table.loc["a"]) == {Cell("–")}
    assert table.loc["b", "LRAP\N{NO-BREAK SPACE}↑"] == Cell("0.250")  # alone, so neither


def test_values_that_look_the_same_are_marked_the_same() -> None:
    names = [column.name for column in results_columns()]
    rows = {str(value): FigureRow(dict.fromkeys(names, value)) for value in (0.50001, 0.50002, 0.7)}
    assert list(results_table(rows)["LRAP\N{NO-BREAK SPACE}↑"]) == [
        Cell("0.500", "worst"),
        Cell("0.500", "worst"),
        Cell("0.700", "best"),
    ]


def test_class_table_keeps_undefined_missing() -> None:
    labels = np.array([[1.0, 0.0], [0.0, 0.0]])
    decisions = labels.astype(bool)
    table = class_table(summarise_classes(["A", "B"], labels, labels, decisions, np.array([0.5, math.nan])))
    assert list(table["Positive"]) == [1, 0]
    assert math.isnan(table["AUROC"][1])
    assert math.isnan(table["F1"][1])


def test_markdown_keeps_the_index_and_every_cell() -> None:
    table = pd.DataFrame({"a": ["1", "x|y"], "b": ["3", "4"]}, index=pd.Index(["one two", "three"], name="Setting"))
    assert markdown_table(table).splitlines() == [
        "| Setting | a | b |",
        "| --- | --- | --- |",
        "| one\N{NO-BREAK SPACE}two | 1 | 3 |",
        "| three | x\\|y | 4 |",
    ]


def test_a_page_draws_the_best_blue_and_bold_and_the_worst_red_and_italic() -> None:
    cells = {"F1": [Cell("0.9", "best"), Cell("0.1", "worst"), Cell("0.5")]}
    table = pd.DataFrame(cells, index=pd.Index(["a", "b", "c"], name="Setting"))
    assert markdown_table(table).splitlines()[2:] == ["| a | :blue[**0.9**] |", "| b | :red[*0.1*] |", "| c | 0.5 |"]


def row_of(value: float) -> FigureRow:
    return FigureRow({column.name: value for column in results_columns()})


def test_settings_are_sorted_best_first_whichever_side_is_better_and_undefined_last() -> None:
    rows = {"zero_shot": row_of(0.2), "a": row_of(math.nan), "fine_tune": row_of(0.5), "linear_probe": row_of(0.3)}
    assert list(in_order(rows, MACRO_F1)) == ["fine_tune", "linear_probe", "zero_shot", "a"]
    assert list(in_order(rows, COVERAGE_ERROR)) == ["zero_shot", "linear_probe", "fine_tune", "a"]
    assert list(in_order(rows, None)) == list(rows)


def test_groups_have_their_names_and_best_and_worst_are_over_all() -> None:
    rows = {"fine_tune": row_of(0.5), "chexnet": row_of(0.7), "zero_shot": row_of(0.2)}
    table = results_table(rows, is_grouped=True)
    assert list(table.index) == [
        "**Training-free**",
        "Zero-shot",
        "**Fine-tuned**",
        "Fine-tuning",
        "**Imported**",
        "chexnet",
    ]
    assert table.loc["chexnet", MACRO_F1.heading] == Cell("0.700", "best")
    assert table.loc["Zero-shot", MACRO_F1.heading] == Cell("0.200", "worst")
    assert set(table.loc["**Imported**"]) == {Cell("")}


def test_a_spread_stands_below_its_setting_for_the_figures_that_have_one() -> None:
    spread = spread_line("over 30 wordings", {"macro_f1": (0.1412, 0.3906), "coverage_error": (4.012, 6.5)})
    table = results_table({"zero_shot": row_of(0.2), "fine_tune": row_of(0.5)}, beneath={"zero_shot": spread})
    assert list(table.index) == ["Zero-shot", "over 30 wordings", "Fine-tuning"]
    assert table.loc["over 30 wordings", MACRO_F1.heading] == Cell("0.141 to 0.391")
    assert table.loc["over 30 wordings", COVERAGE_ERROR.heading] == Cell("4.01 to 6.50")
    assert table.loc["over 30 wordings", MINUTES.heading] == Cell("")


def test_published_figures_stand_below_their_setting_and_those_of_no_row_at_the_end() -> None:
    beneath = {name: figures_line("in the paper", row) for name, row in published.OVERALL.items()}
    table = results_table({"chexnet": row_of(0.7), "zero_shot": row_of(0.2)}, beneath=beneath)
    assert list(table.index) == [
        "chexnet",
        "Zero-shot",
        "in the paper",
        "Linear probe, in the paper",
        "Fine-tuning, in the paper",
    ]
    assert list(table[MACRO_F1.heading]) == [
        Cell("0.700", "best"),
        Cell("0.200", "worst"),
        Cell("0.105"),
        Cell("0.183"),
        Cell("0.235"),
    ]
    assert table.loc["in the paper", MINUTES.heading] == Cell("–")


def test_a_figure_that_no_setting_has_is_no_column_unless_a_line_has_it_or_nothing_is_known() -> None:
    rows = {"a": FigureRow({"macro_f1": 0.5, "lrap": math.nan}), "b": FigureRow({"macro_f1": math.nan, "lrap": 0.25})}
    assert list(results_table(rows)) == [MACRO_F1.heading, "LRAP\N{NO-BREAK SPACE}↑"]
    beneath = {"a": figures_line("in the paper", FigureRow({"minutes": 2.0}))}
    assert MINUTES.heading in results_table(rows, beneath=beneath)
    assert COVERAGE_ERROR.heading not in results_table(rows, beneath=beneath)
    assert list(results_table({"a": FigureRow({})})) == [figure.heading for figure in results_columns()]
