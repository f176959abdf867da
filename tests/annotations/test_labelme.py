"""LabelMe JSON: every shape that encloses an area, against Pillow as LabelMe fills them, and damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.annotations.annotation import Annotation
from core.annotations.formats import read_annotations
from core.errors import StudyError
from tests.annotations.written import png_in_base64

HEIGHT, WIDTH = 60, 50


def _file(path: Path, *shapes: dict[str, Any], **changes: Any) -> Path:
    content = {
        "version": "5.5.0",
        "shapes": [{"label": "Edema", "shape_type": "polygon", **shape} for shape in shapes],
        "imagePath": "film.png",
        "imageHeight": HEIGHT,
        "imageWidth": WIDTH,
        **changes,
    }
    path.write_text(json.dumps(content))
    return path


def _one(folder: Path, **shape: Any) -> Annotation:
    (mark,) = read_annotations(_file(folder / "film.json", shape), reader="R")
    return mark


def test_a_polygon_is_the_same_polygon(tmp_path: Path) -> None:
    points = [[3.5, 4.25], [30, 10], [20, 45.5]]
    for shape_type in ("polygon", None, "oriented_rectangle"):
        mark = _one(tmp_path, shape_type=shape_type, points=points)
        assert mark.kind == "polygon"
        assert mark.outlines()[0][:-1].tolist() == points
    assert (mark.image_id, mark.finding, mark.reader) == ("film.png", "Edema", "R")


@pytest.mark.parametrize(
    "points", [[[4, 8], [20, 20]], [[20, 20], [4, 8]], [[20, 8], [4, 20]], [[4, 8], [20, 8], [20, 20], [4, 20]]]
)
def test_a_rectangle_has_its_corners_in_any_order(tmp_path: Path, points: list[list[float]]) -> None:
    mark = _one(tmp_path, shape_type="rectangle", points=points)
    expected = np.zeros((HEIGHT, WIDTH), dtype=bool)
    expected[8:20, 4:20] = True
    assert mark.kind == "box"
    assert (mark.mask() == expected).all()


def test_a_circle_has_its_area_and_differs_from_pillows_on_its_rim_at_most(tmp_path: Path) -> None:
    mark = _one(tmp_path, shape_type="circle", points=[[24.0, 30.0], [24.0, 12.0]])
    mask = mark.mask()
    assert abs(mask.sum() / (np.pi * 18**2) - 1) < 0.01
    assert (mask == mask[::-1]).all()
    canvas = Image.new("1", (WIDTH, HEIGHT))
    ImageDraw.Draw(canvas).ellipse((6, 12, 42, 48), outline=1, fill=1)
    filled = np.asarray(canvas)
    assert (filled ^ mask).sum() <= 2 * np.pi * 18


@pytest.mark.parametrize("place", [(5, 7), (-3, -2), (45, 55), (44.4, 20.6)])
def test_a_mask_lies_in_its_box_and_is_cut_at_the_film(tmp_path: Path, place: tuple[float, float]) -> None:
    patch = np.random.default_rng(1).random((9, 12)) < 0.5
    x, y = place
    points = [[x, y], [x + 11, y + 8]]
    mask = _one(tmp_path, shape_type="mask", points=points, mask=png_in_base64(patch)).mask()
    padded = np.zeros((HEIGHT + 40, WIDTH + 40), dtype=bool)
    padded[20 + round(y) : 29 + round(y), 20 + round(x) : 32 + round(x)] = patch
    assert (mask == padded[20:-20, 20:-20]).all()


def test_a_mask_larger_than_its_whole_box_is_cropped(tmp_path: Path) -> None:
    patch = np.ones((9, 12), dtype=bool)
    mask = _one(tmp_path, shape_type="mask", points=[[5, 7], [8, 9]], mask=png_in_base64(patch)).mask()
    assert mask.sum() == 12
    assert mask[7:10, 5:9].all()


def test_a_folder_is_read_by_name_and_readers_files_join_one_film(tmp_path: Path) -> None:
    box = {"shape_type": "rectangle", "points": [[1, 1], [9, 9]]}
    _file(tmp_path / "b.json", box, imagePath="films\\two.png")
    _file(tmp_path / "a.json", box, box, imagePath="../films/one.png")
    _file(tmp_path / "c.json")
    (tmp_path / "one.png").write_bytes(b"film")
    marks = read_annotations(tmp_path)
    assert [mark.image_id for mark in marks] == ["../films/one.png"] * 2 + ["films/two.png"]


SQUARE = [[1, 1], [9, 1], [9, 9]]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"points": [[1, 1], [9, "9"]]}, "not a list of"),
        ({"points": [[1, 1], [9, 9], [5]]}, r"not a list of \[x, y\]"),
        ({"points": [[1, 1], [9, 9], [5, None]]}, r"not a list of \[x, y\]"),
        ({"points": [[1, 1], [9, 9], [5, 10**400]]}, "not finite"),
        ({"points": [[1, 1], [9, 9], [5, 2**20]]}, "far outside the film"),
        ({"points": [[5, 5], [1e200, 5]], "shape_type": "circle"}, "far outside the film"),
        ({}, r"not a list of \[x, y\]"),
        ({"points": SQUARE, "label": None}, "its finding has no name"),
        ({"points": SQUARE, "label": "  "}, "its finding has no name"),
        ({"points": [[1, 1]], "shape_type": "point"}, "is a point, which encloses nothing"),
        ({"points": SQUARE, "shape_type": "linestrip"}, "is a linestrip, which encloses nothing"),
        ({"points": [[1, 1], [1, 9]], "shape_type": "rectangle"}, "not the corners"),
        ({"points": SQUARE, "shape_type": "rectangle"}, "not the corners"),
        ({"points": SQUARE, "shape_type": "circle"}, "a circle has two points, not 3"),
        ({"points": [[1, 1], [2, 2]], "shape_type": "mask"}, "not base64"),
        ({"points": [[1, 1], [2, 2]], "shape_type": "mask", "mask": "ä"}, "not base64"),
        ({"points": [[1, 1], [2, 2]], "shape_type": "mask", "mask": "AAAA"}, "not a whole PNG"),
        (
            {"points": [[1, 1], [9, 9]], "shape_type": "mask", "mask": png_in_base64(np.ones((3, 3)))},
            "3 x 3 pixels for a box of 9 x 9",
        ),
        (
            {"points": [[9, 9], [1, 1]], "shape_type": "mask", "mask": png_in_base64(np.ones((3, 3)))},
            "3 x 3 pixels for a box of -7 x -7",
        ),
    ],
)
def test_damaged_shapes_are_named(tmp_path: Path, shape: dict[str, Any], words: str) -> None:
    path = _file(tmp_path / "film.json", {"points": SQUARE}, shape)
    with pytest.raises(StudyError, match=words) as error:
        read_annotations(path)
    assert f"{path}: shape 2" in error.value.message
    assert error.value.remedy.endswith(".")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"imagePath": 3}, "no name"),
        ({"imageHeight": None}, "no whole-numbered height and width"),
        ({"imageHeight": 0}, "not a size of a film"),
        ({"imageHeight": -5, "imageWidth": -5}, "not a size of a film"),
        ({"imageHeight": 10**6, "imageWidth": 10**6}, "not a size of a film"),
        ({"shapes": {}}, "no list of 'shapes'"),
        ({"shapes": [3]}, "no list of 'shapes'"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    path = _file(tmp_path / "film.json", {"points": SQUARE}, **changes)
    with pytest.raises(StudyError, match=words) as error:
        read_annotations(path)
    assert str(path) in error.value.message


def test_a_folder_with_something_else_names_it(tmp_path: Path) -> None:
    _file(tmp_path / "film.json", {"points": SQUARE})
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(StudyError, match=r"other\.json: has no list of 'shapes'"):
        read_annotations(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match="holds no JSON file"):
        read_annotations(tmp_path / "empty", format_name="labelme")
