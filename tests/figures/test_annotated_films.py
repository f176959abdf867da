"""The picture of disagreement, and the place of a film of one's own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.figures.annotated_films import disagreement_figure
from core.figures.own_film import own_place_figure

TABLE = pd.DataFrame(
    {
        "image_id": ["a", "b"],
        "finding": ["Edema", "Fracture"],
        "zero_shot": [0.1, 0.4],
        "fine_tune": [0.9, np.nan],
        "chance": [0.05, 0.2],
    }
)


def test_rows_are_drawn_in_their_order_with_a_line_from_lowest_to_highest() -> None:
    figure = disagreement_figure(TABLE, ("zero_shot", "fine_tune"), title="Energy")
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [list(line.x) for line in lines] == [[0.1, 0.9]]
    assert list(figure.layout.yaxis.categoryarray) == ["b, Fracture", "a, Edema"]
    assert figure.layout.xaxis.title.text == "Energy"


def test_every_setting_and_chance_are_points_that_know_their_film() -> None:
    figure = disagreement_figure(TABLE, ("zero_shot", "fine_tune"), title="Energy")
    points = {trace.name: trace for trace in figure.data if trace.mode == "markers"}
    assert set(points) == {"Chance", "Zero-shot", "Fine-tuning"}
    assert [list(row) for row in points["Fine-tuning"].customdata] == [["a", "Edema"], ["b", "Fracture"]]
    assert not points["Fine-tuning"].cliponaxis  # a figure of 0 is drawn whole
    assert len({points[name].marker.symbol for name in ("Zero-shot", "Fine-tuning", "Chance")}) == 3


def test_no_row_is_an_empty_figure() -> None:
    assert not any(len(trace.x) for trace in disagreement_figure(TABLE[:0], ("zero_shot",), title="x").data)


def test_own_film_is_drawn_at_its_place_and_its_nearest_films_are_marked() -> None:
    coordinates = np.arange(12.0).reshape(6, 2)
    figure = own_place_figure(coordinates, list("abcdef"), np.array([2.5, 3.5]), [1, 2])
    own, nearest = figure.data[-1], figure.data[1]
    assert (own.name, list(own.x), list(own.y)) == ("Your film", [2.5], [3.5])
    assert list(nearest.text) == ["b", "c"]
    np.testing.assert_array_equal(nearest.x, coordinates[[1, 2], 0])
