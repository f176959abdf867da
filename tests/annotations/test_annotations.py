"""Annotations against pycocotools and by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from core.annotations.annotation import Annotation, annotation_from_mask, check_annotation
from core.errors import StudyError

HEIGHT, WIDTH = 40, 30


def test_a_mask_comes_back_exactly() -> None:
    mask = np.random.default_rng(0).random((HEIGHT, WIDTH)) < 0.4
    annotation = annotation_from_mask("film", "Edema", "reader", mask)
    assert (annotation.mask() == mask).all()
    assert annotation.mask().dtype == bool
    assert (annotation.height_px, annotation.width_px) == (HEIGHT, WIDTH)
    check_annotation(annotation, "here")


def test_a_box_holds_its_pixels() -> None:
    box = Annotation("film", "Edema", "reader", "box", HEIGHT, WIDTH, "[4.0,8.0,16.0,12.0]")
    expected = np.zeros((HEIGHT, WIDTH), dtype=bool)
    expected[8:20, 4:20] = True
    assert (box.mask() == expected).all()
    (ring,) = box.outlines()
    assert ring.tolist() == [[4, 8], [20, 8], [20, 20], [4, 20], [4, 8]]


def test_a_box_over_the_edge_is_cut_off() -> None:
    box = Annotation("film", "Edema", "reader", "box", HEIGHT, WIDTH, "[-5,30,20,50]")
    assert box.mask().sum() == 15 * 10


def test_polygons_are_a_union_and_rasterised_as_coco_does() -> None:
    rings = [[2.5, 2.5, 20.25, 4, 12, 30.5], [10, 10, 25, 10, 25, 25, 10, 25]]
    annotation = Annotation("film", "Edema", "reader", "polygon", HEIGHT, WIDTH, json.dumps(rings))
    expected = coco.decode(coco.frPyObjects(rings, HEIGHT, WIDTH)).any(axis=2)
    assert (annotation.mask() == expected).all()
    assert [ring.tolist()[0] == ring.tolist()[-1] for ring in annotation.outlines()] == [True, True]
    assert annotation.outlines()[0].shape == (4, 2)


def test_a_closed_polygon_is_not_closed_twice() -> None:
    annotation = Annotation("film", "Edema", "reader", "polygon", HEIGHT, WIDTH, "[[0,0,9,0,9,9,0,0]]")
    assert annotation.outlines()[0].shape == (4, 2)


@pytest.mark.parametrize(
    ("kind", "geometry", "words"),
    [("circle", "[1,2,3]", "none of polygon, box, rle"), ("box", "[1,2", "not JSON"), ("rle", "[]", "RLE")],
)
def test_stored_annotations_are_checked_too(kind: Any, geometry: str, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        check_annotation(Annotation("film", "Edema", "", kind, HEIGHT, WIDTH, geometry), "masks.parquet: row 1")


@pytest.mark.parametrize("far", [WIDTH + HEIGHT + 1, -HEIGHT - 0.5, 1e7, 1e18, -1e299])
@pytest.mark.parametrize("shape", ["[[1,1,{},1,20,30]]", "[[1,1,9,9,5,{}]]", "[[0,0,5,0,5,5],[1,1,{},1,20,30]]"])
def test_a_point_far_outside_its_film_is_refused_before_anything_is_rasterised(far: float, shape: str) -> None:
    """pycocotools takes memory by the length of the outline: 873 MB at 1e7, and the process dies at 1e8."""
    y_only = shape.startswith("[[1,1,9")
    geometry = shape.format(far if not y_only or far < 0 else far + HEIGHT)
    damaged = Annotation("film", "Edema", "", "polygon", HEIGHT, WIDTH, geometry)
    for use in (lambda: check_annotation(damaged, "here"), damaged.mask, damaged.outlines):
        with pytest.raises(StudyError, match="far outside the film"):
            use()


def test_a_hand_may_slip_over_the_edge_by_the_film_s_longer_side() -> None:
    slipped = [[-HEIGHT, -HEIGHT, WIDTH + HEIGHT, -HEIGHT, WIDTH + HEIGHT, 2 * HEIGHT, -HEIGHT, 2 * HEIGHT]]
    assert Annotation("film", "Edema", "", "polygon", HEIGHT, WIDTH, json.dumps(slipped)).mask().all()


def test_a_box_far_outside_its_film_is_refused() -> None:
    for box in ("[1,1,1e9,5]", "[-1e9,1,5,5]", "[1,1,5,1e308]"):
        with pytest.raises(StudyError, match="far outside the film"):
            Annotation("film", "Edema", "", "box", HEIGHT, WIDTH, box).outlines()


def test_an_outline_longer_than_any_reader_draws_is_refused() -> None:
    """Every point is near the film, but the line goes to and fro across it."""
    to_and_fro = [value for _ in range(30_000) for value in (0, 0, WIDTH, HEIGHT, 0, HEIGHT, WIDTH, 0)]
    with pytest.raises(StudyError, match="pixels long"):
        Annotation("film", "Edema", "", "polygon", HEIGHT, WIDTH, json.dumps([to_and_fro])).mask()
    tall = Annotation("film", "Edema", "", "polygon", 1, 2**28, f"[[0,0,{2**28},0,5,1]]")
    with pytest.raises(StudyError, match="pixels long"):
        tall.mask()
