"""Marks drawn in the browser, against masks worked out by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from core.annotations.drawing import DrawnOn, brushed_mask, drawn_annotations
from core.errors import StudyError

ON = DrawnOn("film", "Edema", "Reader", height_px=40, width_px=60)


def test_a_box_holds_the_pixels_between_its_corners_whichever_came_first() -> None:
    (box,) = drawn_annotations([{"kind": "box", "points": [[30, 20], [10, 5]]}], ON)
    assert (box.kind, json.loads(box.geometry)) == ("box", [10, 5, 20, 15])
    assert box.mask().sum() == 20 * 15
    assert box.mask()[5:20, 10:30].all()


def test_a_polygon_stays_a_polygon() -> None:
    (drawn,) = drawn_annotations([{"kind": "polygon", "points": [[10, 10], [30, 10], [30, 30], [10, 30]]}], ON)
    assert (drawn.kind, drawn.reader, drawn.finding) == ("polygon", "Reader", "Edema")
    assert drawn.mask()[10:30, 10:30].all()
    assert drawn.mask().sum() == 400


def test_a_dab_of_the_brush_is_a_disc() -> None:
    mask = brushed_mask([{"kind": "brush", "points": [[20, 20]], "radius": 8}], 40, 60)
    y, x = np.mgrid[0:40, 0:60] + 0.5
    np.testing.assert_array_equal(mask, np.hypot(x - 20, y - 20) <= 8)


def test_a_stroke_is_everything_near_its_line() -> None:
    mask = brushed_mask([{"kind": "brush", "points": [[10, 20], [50, 20]], "radius": 3}], 40, 60)
    assert mask[17:23, 10:50].all()
    assert mask.sum() == pytest.approx(40 * 6 + math.pi * 9, abs=8)


def test_an_eraser_takes_only_from_what_was_brushed_before() -> None:
    strokes = [
        {"kind": "brush", "points": [[20, 20]], "radius": 8},
        {"kind": "brush", "points": [[20, 20]], "radius": 4, "erases": True},
    ]
    ring = brushed_mask(strokes, 40, 60)
    assert not ring[20, 20]
    assert ring[20, 14]
    assert brushed_mask(strokes[::-1], 40, 60)[20, 20]


def test_all_strokes_together_are_one_mask_after_the_outlines() -> None:
    shapes = [
        {"kind": "brush", "points": [[10, 10]], "radius": 4},
        {"kind": "box", "points": [[30, 10], [40, 20]]},
        {"kind": "brush", "points": [[50, 30]], "radius": 4},
    ]
    box, brushed = drawn_annotations(shapes, ON)
    assert (box.kind, brushed.kind) == ("box", "rle")
    assert brushed.mask()[10, 10]
    assert brushed.mask()[30, 50]


@pytest.mark.parametrize(
    "shape",
    [
        {"kind": "circle", "points": [[1, 1]]},
        {"kind": "polygon", "points": [[1, 1], [2, 2]]},
        {"kind": "polygon", "points": [[1, 1], [2, None], [3, 3]]},
        {"kind": "polygon", "points": "nothing"},
        {"kind": "box", "points": [[5, 5], [5, 9]]},
        {"kind": "box", "points": [[-9, -9], [-5, -5]]},
        {"kind": "brush", "points": [[1, 1]], "radius": 0},
        {"kind": "brush", "points": [[1, 1]], "radius": math.nan},
        {"kind": "brush", "points": [[500, 500]], "radius": 4},
        "text",
    ],
)
def test_what_is_no_region_is_refused_in_words(shape: object) -> None:
    with pytest.raises(StudyError) as refused:
        drawn_annotations([shape], ON)  # type: ignore[list-item]
    assert refused.value.remedy


def test_marks_need_a_name_and_a_shape() -> None:
    box = {"kind": "box", "points": [[1, 1], [9, 9]]}
    with pytest.raises(StudyError, match="Nobody"):
        drawn_annotations([box], DrawnOn("film", "Edema", " ", 40, 60))
    with pytest.raises(StudyError, match="no pixel"):
        drawn_annotations([], ON)
