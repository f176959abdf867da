"""Published and ours in one table: every figure's lines, and the reason in the lines that differ alone."""

from __future__ import annotations

import math
import re

from core.figures.both_evaluations import HERE, LIKEWISE, OURS, PUBLISHED, Compared, compared_cells, compared_html
from core.metrics.overall_figures import EXACT_MATCH, LRAP, MACRO_F1, MINUTES, FigureRow
from core.paper.differences import Difference

FILMS = Difference("Films", "Other <films>.", "", (MACRO_F1, EXACT_MATCH, LRAP, MINUTES))
COMPUTER = Difference("Computer", "Another computer.", "", (MINUTES,))
CUT = Difference("Cut", "One cut <for> all.", "0 → 1.", (MACRO_F1, LRAP))
LAYER = Difference("Layer", "Another layer.", "No map.")
PUBLISHED_ROWS = {
    "zero_shot": FigureRow({"macro_f1": 0.105, "lrap": 0.75}),
    "fine_tune": FigureRow({"macro_f1": 0.235, "exact_match": 0.134}),
}
PAPER = {
    "zero_shot": FigureRow({"macro_f1": 0.177, "exact_match": 0.5, "lrap": 0.75, "minutes": 2.0}),
    "mine": FigureRow({"macro_f1": 0.125, "exact_match": 0.5, "lrap": 0.7501}),
}
OUR_ROWS = {
    "zero_shot": FigureRow({"macro_f1": 0.362, "exact_match": 0.5, "lrap": 0.75, "minutes": 2.0}),
    "mine": FigureRow({"macro_f1": math.nan, "exact_match": 0.5, "lrap": 0.7502}),
}
COMPARED = Compared(PUBLISHED_ROWS, PAPER, OUR_ROWS, (FILMS, COMPUTER), (CUT, LAYER))


def lines() -> list[list[str]]:
    """The cells of every line, as HTML."""
    return [
        [re.sub("</?span.*?>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in compared_html(COMPARED).split("<tr>")[1:]
    ]


def test_a_figure_has_a_line_of_the_paper_one_evaluated_likewise_and_ours_each_with_its_reason() -> None:
    assert compared_cells(COMPARED)[:4] == [
        ["Figure", "Whose", "Zero-shot", "mine", "Why it differs from the line above"],
        [MACRO_F1.heading, PUBLISHED, "0.105", "–", ""],
        [MACRO_F1.heading, LIKEWISE, "0.177", "0.125", "Films"],
        [MACRO_F1.heading, OURS, "0.362", "–", "Cut"],
    ]


def test_lines_that_look_the_same_are_one_and_need_no_reason() -> None:
    found = [row for row in compared_cells(COMPARED) if row[0] != MACRO_F1.heading][1:]
    assert found == [
        [EXACT_MATCH.heading, HERE, "0.500", "0.500", ""],  # published of fine-tuning alone, which is not here
        [LRAP.heading, PUBLISHED, "0.750", "–", ""],
        [LRAP.heading, HERE, "0.750", "0.750", "Films"],
        [MINUTES.heading, HERE, "2.00", "–", ""],
    ]


def test_reasons_are_folded_in_their_lines_and_escaped_and_one_without_a_figure_has_a_line_of_its_own() -> None:
    heads, first, likewise, ours, *_, last = lines()
    assert heads[:2] == ["Figure", "Whose"]
    assert first == [MACRO_F1.heading, PUBLISHED, "0.105", "–", ""]
    assert likewise[:3] == [LIKEWISE, "0.177", "0.125"]
    assert "Films</summary>Other &lt;films&gt;.</details>" in likewise[-1]
    assert ours[:3] == [OURS, "<b>0.362</b>", "<b>–</b>"]
    assert "Cut</summary>One cut &lt;for&gt; all.</details>" in ours[-1]
    assert last == ["<b>Layer</b>", "No map.", "Another layer."]
    assert compared_html(COMPARED).count("<details>") == 3


def test_every_line_spans_all_columns() -> None:
    html = compared_html(COMPARED)
    assert html.count('rowspan="3"') == 1
    assert html.count('rowspan="2"') == 1
    assert html.count('rowspan="1"') == 2
    assert '<td colspan="2"' in html.split("Layer")[0][-400:]
