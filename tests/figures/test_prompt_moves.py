"""The moves of scores, as shares of either group."""

from __future__ import annotations

import numpy as np
import pytest

from core.figures.prompt_moves import moves_figure


def test_each_group_is_drawn_as_shares_of_its_own_films() -> None:
    figure = moves_figure("Edema", np.array([0.1, 0.2, 0.2, 0.4]), np.full(100, -0.3))
    positive, negative = figure.data
    assert (positive.name, negative.name) == ("With Edema (4)", "Without Edema (100)")
    for trace in (positive, negative):
        assert np.sum(trace.y[::2]) == pytest.approx(1)
    assert positive.x[int(np.argmax(positive.y))] == pytest.approx(0.2, abs=0.02)
    assert max(negative.y) == 1
    assert negative.x[int(np.argmax(negative.y))] == pytest.approx(-0.3, abs=0.02)
    assert min(positive.x) < -0.3
    assert max(positive.x) > 0.4


@pytest.mark.parametrize("moved", [np.zeros(5), np.empty(0)])
def test_nothing_moved_or_nobody_there_draws_too(moved: np.ndarray) -> None:
    figure = moves_figure("Edema", np.empty(0), moved)
    assert "With Edema: no film" in figure.layout.annotations[0].text
