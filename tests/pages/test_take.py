"""The one menu of every figure: no page draws one without it, and what it carries is right."""

from __future__ import annotations

import ast
import csv
import html
import io
import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.exports.latex import NEEDS, latex_table
from core.exports.shown import shown_rows, without_markdown
from core.figures.forest import ForestRow, forest_cells
from core.figures.overview import Bar, bar_cells
from core.words import UNDEFINED

PAGES = Path(__file__).resolve().parents[2] / "pages"
DRAWN = {
    "plotly_chart", "dataframe", "data_editor", "table", "html", "altair_chart", "vega_lite_chart", "pyplot",
    "line_chart", "bar_chart", "area_chart", "scatter_chart", "graphviz_chart", "pydeck_chart", "map",
}  # fmt: skip


def drawn_by_streamlit(code: str) -> set[str]:
    """What a module draws with Streamlit itself, of what is a chart, a table or a map."""
    return {
        node.func.attr
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in DRAWN
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "st"
    }


def test_a_chart_drawn_past_the_menu_is_found() -> None:
    code = "with st.container():\n    st.plotly_chart(figure)\nst.html('x')"
    assert drawn_by_streamlit(code) == {"plotly_chart", "html"}
    assert not drawn_by_streamlit("take.chart(figure, of)")


def test_no_page_draws_a_figure_without_its_menu() -> None:
    for path in PAGES.rglob("*.py"):
        if path.parent != PAGES / "shared" / "take":
            drawn = drawn_by_streamlit(path.read_text(encoding="utf-8"))
            assert not drawn, f"{path.relative_to(PAGES)} draws {drawn} past the menu: use pages.shared.take"


def draw() -> None:
    """A page with one figure of each kind."""
    import pandas as pd
    import plotly.graph_objects as go
    import streamlit as st

    from core.figures.forest import ForestRow
    from core.figures.results_table import Cell
    from pages.shared import take

    st.session_state["taken_study"] = {"stem": "my study", "words": "Films of mine (abc).", "settings": ("zero_shot",)}
    take.mount()
    of = take.Of("results", "Results", "linear_probe", "test", take.SOUND)
    index = pd.Index([":material/check: A\\_b", "C | d"], name="Class")
    take.table(pd.DataFrame({"F1": [Cell("0.9", "best"), Cell("–")], "At": ["**x**", "`=1`"]}, index=index), of)
    many = pd.DataFrame({"Class": [f"c{row}" for row in range(70)], "F1": [0.5, None] * 35, "n": range(70)})
    column = st.column_config.NumberColumn(format="%.1f")
    take.frame(many, take.Of("many", "Many", split="all"), hide_index=True, column_config={"F1": column})
    take.forest([ForestRow("Edema", 0.5, 0.4, 0.6, "0.5")], take.Of("forest", "A <forest>", film="film-1"))
    take.chart(
        go.Figure(go.Scatter(x=[1], y=[2])),
        take.Of("chart", "ROC on val films", said="zero_shot: thresholds (max-f1) were fitted."),
    )


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    """What the buttons of such a page carry, by figure."""
    app = AppTest.from_function(draw).run()
    assert not app.exception
    bodies = [one.proto.body for one in app.get("html")]
    return taken_of(bodies)


def taken_of(bodies: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the buttons among the HTML of a page carry, by figure."""
    found = [re.search(r'data-figure="([^"]*)"', body) for body in bodies]
    read = [json.loads(html.unescape(one[1])) for one in found if one]
    return {one["stem"].rpartition("_")[2]: one for one in read}


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_files_are_named_by_study_setting_split_and_figure(told: dict[str, dict[str, Any]]) -> None:
    names = {name: one["stem"] for name, one in told.items()}
    assert names == {
        "results": "my-study_linear_probe_test_results",
        "many": "my-study_all-settings_all_many",
        "forest": "my-study_all-settings_film-1_forest",
        "chart": "my-study_all-settings_all_chart",
    }


def test_the_caption_says_study_setting_films_protocol_and_interval(told: dict[str, dict[str, Any]]) -> None:
    assert told["results"]["caption"] == (
        "Films of mine (abc). Linear probe, test films. Our evaluation: one threshold per class, fitted on validation "
        "films. 95 % intervals over resampled patients. Not for clinical use."
    )
    assert "Film film-1." in told["forest"]["caption"]


def test_a_small_table_goes_along_without_markdown_and_without_formulas(told: dict[str, dict[str, Any]]) -> None:
    rows = rows_of(told["results"]["csv"])
    assert rows == [["Class", "F1", "At"], ["A_b", "0.9", "x"], ["C | d", "", "'=1"]]
    assert r"A\_b & \textbf{0.9} & x \\" in told["results"]["tex"]
    assert r"C \textbar{} d & -- & =1 \\" in told["results"]["tex"]
    assert told["results"]["tex"].startswith(NEEDS)
    assert r"\label{tab:results}" in told["results"]["tex"]


def test_a_long_table_goes_along_whole_and_is_drawn_in_part(told: dict[str, dict[str, Any]]) -> None:
    rows = rows_of(told["many"]["csv"])
    assert len(rows) == 71
    assert rows[:3] == [["Class", "F1", "n"], ["c0", "0.5", "0"], ["c1", "", "1"]]
    assert len(told["many"]["rows"]) == 61
    assert told["many"]["rows"][:3] == [["Class", "F1", "n"], ["c0", "0.5", "0"], ["c1", UNDEFINED, "1"]]
    assert told["many"]["note"] == "The first 60 of 70 rows."


def test_a_chart_leaves_its_data_to_the_browser(told: dict[str, dict[str, Any]]) -> None:
    assert "csv" not in told["chart"]
    assert told["chart"]["title"] == "ROC on validation films"
    assert "Zero-shot: thresholds (highest F1) were fitted." in told["chart"]["caption"]
    assert rows_of(told["forest"]["csv"]) == [
        ["Label", "Value", "Low", "High", "Text"],
        ["Edema", "0.5", "0.4", "0.6", "0.5"],
    ]


def test_what_is_not_drawn_of_a_forest_is_empty() -> None:
    row = ForestRow("Edema", math.nan, math.nan, math.nan, UNDEFINED)
    assert forest_cells([row])[1] == ["Edema", "", "", "", UNDEFINED]
    assert bar_cells([Bar("a", 2.0, "2", "red", "test 2")])[1] == ["a", "2.0", "2", "test 2"]


def test_numbers_are_shown_as_the_page_shows_them() -> None:
    table = pd.DataFrame(
        {"a": [0.123456, math.nan], "b": [0.5, -0.5], "c": [True, False], "d": [0.25, 1.0]}, index=["x", "y"]
    )
    rows = shown_rows(table, {"b": "%+.2f", "d": "percent"}, has_index=True)
    assert rows == [
        ["", "a", "b", "c", "d"],
        ["x", "0.123", "+0.50", "yes", "25\N{NO-BREAK SPACE}%"],
        ["y", UNDEFINED, "−0.50", "no", "100\N{NO-BREAK SPACE}%"],
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (":material/cancel: does not", "does not"),
        (":red[*0.1*]", "0.1"),
        (r"3 \* 4 and \[x\]", "3 * 4 and [x]"),
        ("a **bold** word", "a bold word"),
    ],
)
def test_markdown_is_taken_off(text: str, plain: str) -> None:
    assert without_markdown(text) == plain


def test_every_row_of_a_table_in_latex_has_its_columns() -> None:
    text = latex_table([["Class", "F1", "n"], ["[a]", "50 %", "3"]], "50 % of _x_", name="a")
    assert [line for line in text.splitlines() if line.endswith(r"\\")] == [
        r"Class & F1 & n \\",
        r"{}[a] & 50 \% & 3 \\",
    ]
    assert r"\begin{tabular}{lrr}" in text
    assert r"\label{tab:a}" in text
    assert r"{}[a] & 50 \% & 3 \\" in text
    assert r"\caption{50 \% of \_x\_}" in text
