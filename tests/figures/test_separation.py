from __future__ import annotations

import numpy as np

from core.figures.separation import pair_figure
from core.metrics.separation.null import PairSeparation


def pairs(ratio: list[list[float]], p_value: list[list[float]]) -> PairSeparation:
    values, chances = np.array(ratio), np.array(p_value)
    return PairSeparation(values, values / 2, values, chances, np.full(values.shape, 9))


NAN = np.nan


def test_pairs_that_shuffling_would_give_are_in_brackets_and_undefined_classes_left_out() -> None:
    ratio = [[NAN, 2.0, NAN, 0.5], [2.0, NAN, NAN, 1.0], [NAN] * 4, [0.5, 1.0, NAN, NAN]]
    chance = [[NAN, 0.01, NAN, 0.05], [0.01, NAN, NAN, 0.9], [NAN] * 4, [0.05, 0.9, NAN, NAN]]
    heat = pair_figure(["A", "B", "C", "D"], pairs(ratio, chance)).data[0]
    assert list(heat.x) == ["A", "B", "D"]
    assert list(heat.y) == ["D", "B", "A"]
    written = [list(row) for row in heat.text][::-1]
    assert written == [["", "2.00", "(0.50)"], ["2.00", "", "(1.00)"], ["(0.50)", "(1.00)", ""]]
    assert "p = 0.010" in heat.hovertext[2][1]


def test_no_pair_at_all_is_said() -> None:
    nothing = [[NAN, NAN], [NAN, NAN]]
    figure = pair_figure(["A", "B"], pairs(nothing, nothing))
    assert "No pair of classes" in figure.layout.annotations[0].text
