"""Both evaluations in one table: the pair of every figure, and the reason in the rows that differ alone."""

from __future__ import annotations

import math
import re

from core.figures.both_evaluations import SAME, both_cells, both_html
from core.metrics.overall_figures import EXACT_MATCH, LRAP, MACRO_F1, FigureRow
from core.paper.differences import Difference

CUT = Difference("Cut", "One cut <for> all.", "0 → 1.", (MACRO_F1, LRAP))
LAYER = Difference("Layer", "Another layer.", "No map.")
PAPER = {
    "zero_shot": FigureRow({"macro_f1": 0.25, "exact_match": 0.5, "lrap": 0.75}),
    "mine": FigureRow({"macro_f1": 0.125, "exact_match": 0.5, "lrap": 0.7501}),
}
OURS = {
    "zero_shot": FigureRow({"macro_f1": 0.375, "exact_match": 0.5, "lrap": 0.75}),
    "mine": FigureRow({"macro_f1": math.nan, "exact_match": 0.5, "lrap": 0.7502}),
}


def rows() -> dict[str, list[str]]:
    """The cells of every row by its first."""
    found = {}
    for row in both_html(PAPER, OURS, [CUT, LAYER]).split("<tr>")[1:]:
        first, *others = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        found[first] = others
    return found


def test_a_row_that_differs_holds_both_figures_and_the_reason_escaped() -> None:
    zero_shot, mine, why = rows()[MACRO_F1.heading]
    assert (zero_shot, mine) == ("0.250 → <b>0.375</b>", "0.125 → <b>–</b>")
    assert "Cut</summary>One cut &lt;for&gt; all." in why


def test_a_row_whose_figures_look_the_same_has_one_figure_and_no_reason() -> None:
    assert rows()[EXACT_MATCH.heading] == ["0.500", "0.500", SAME]
    assert rows()[LRAP.heading] == ["0.750", "0.750", SAME]


def test_figures_that_nobody_has_are_left_out_and_a_reason_without_a_figure_has_its_own_row() -> None:
    assert list(rows()) == ["Figure", MACRO_F1.heading, EXACT_MATCH.heading, LRAP.heading, "<b>Layer</b>"]
    assert rows()["<b>Layer</b>"] == ["No map.", "Another layer."]


def test_the_cells_to_take_along_say_the_same_as_text() -> None:
    heads, macro, exact, lrap = both_cells(PAPER, OURS, [CUT, LAYER])
    assert heads == ["Figure", "Zero-shot", "mine", "What makes it differ"]
    assert macro == [MACRO_F1.heading, "0.250 → 0.375", "0.125 → –", "Cut"]
    assert exact == [EXACT_MATCH.heading, "0.500", "0.500", SAME]
    assert lrap[-1] == SAME
