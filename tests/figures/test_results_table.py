from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.figures.class_tables import class_table, interval_words
from core.figures.results_table import COLUMNS, markdown_table, results_table
from core.metrics.intervals import Interval, not_estimable
from core.metrics.summary import summarise_classes
from core.paper import published


def test_published_table_has_eight_columns_arrows_best_blue_worst_red() -> None:
    table = results_table(dict(published.OVERALL))
    assert table.shape == (3, 8)
    assert list(table.index) == ["Zero-shot", "Linear probe", "Fine-tuning"]
    assert table.loc["Fine-tuning", "Macro F1\N{NO-BREAK SPACE}↑"] == ":blue[**0.235**]"
    assert table.loc["Zero-shot", "Macro F1\N{NO-BREAK SPACE}↑"] == ":red[*0.105*]"
    assert table.loc["Fine-tuning", "Coverage error\N{NO-BREAK SPACE}↓"] == ":blue[**2.75**]"
    assert table.loc["Zero-shot", "Coverage error\N{NO-BREAK SPACE}↓"] == ":red[*7.70*]"
    assert table.loc["Fine-tuning", "Intra-class distance\N{NO-BREAK SPACE}↓"] == ":blue[**12.76**]"
    assert list(table["Time (min)\N{NO-BREAK SPACE}↓"]) == ["–", "6.10", "15.47"]


@pytest.mark.real
def test_published_figures_are_those_of_the_paper(real_data) -> None:
    lines = (real_data / "paper-facts" / "table_overall_3dp.csv").read_text().splitlines()
    for setting, short in (("zero_shot", "zs"), ("linear_probe", "lp"), ("fine_tune", "ft")):
        cells = next(line for line in lines if line.startswith(f"{short},")).split(",")[1:]
        row = published.OVERALL[setting]
        for column, cell in zip(COLUMNS, cells, strict=True):
            value = getattr(row, column.name)
            assert value is None if cell == "" else value == pytest.approx(float(cell)), column


def test_undefined_is_a_dash_and_neither_best_nor_worst() -> None:
    names = [column.name for column in COLUMNS]
    rows = {
        "a": SimpleNamespace(**dict.fromkeys(names, math.nan)),
        "b": SimpleNamespace(**dict.fromkeys(names, 0.25)),
    }
    table = results_table(rows)
    assert set(table.loc["a"]) == {"–"}
    assert table.loc["b", "LRAP\N{NO-BREAK SPACE}↑"] == "0.250"  # alone, so neither


def test_values_that_look_the_same_are_marked_the_same() -> None:
    names = [column.name for column in COLUMNS]
    rows = {str(value): SimpleNamespace(**dict.fromkeys(names, value)) for value in (0.50001, 0.50002, 0.7)}
    assert list(results_table(rows)["LRAP\N{NO-BREAK SPACE}↑"]) == [
        ":red[*0.500*]",
        ":red[*0.500*]",
        ":blue[**0.700**]",
    ]


def test_intervals_are_words_where_there_is_none() -> None:
    assert interval_words(not_estimable(3)) == "not estimable (n = 3)"
    assert interval_words(Interval(0.25, 0.5, 40, is_estimable=True)) == "0.25 to 0.50"
    assert interval_words(None) is None


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
