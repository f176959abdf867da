"""CheXlocalize JSON: contours and encoded masks, against Pillow as its own script fills them, and damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pycocotools import mask as coco

from core.annotations.formats import read_annotations
from core.errors import StudyError

HEIGHT, WIDTH = 232, 283
FILM = "patient64541_study1_view1_frontal"
CONTOURS = [
    [[140.09, 82.55], [148.2, 71.5], [179.3, 86.4], [166.1, 132.6], [187.4, 152.1], [168.1, 199.3], [121.8, 179.4]],
    [[20.5, 20.5], [40.25, 22.0], [30.0, 60.75]],
]


def _written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def _filled_by_pillow() -> np.ndarray:
    canvas = Image.new("1", (WIDTH, HEIGHT))
    for contour in CONTOURS:
        ImageDraw.Draw(canvas).polygon([tuple(point) for point in contour], outline=1, fill=1)
    return np.asarray(canvas)


def test_contours_are_one_polygon_a_finding(tmp_path: Path) -> None:
    film = {
        "img_size": [HEIGHT, WIDTH],
        "Enlarged Cardiomediastinum": CONTOURS,
        "Edema": [],
        "Lung Lesion": CONTOURS[1:],
    }
    path = _written(tmp_path / "gt.json", {"patient1_study1_view1_frontal": {}, FILM: film})
    marks = read_annotations(path, reader="R")
    assert [(mark.image_id, mark.finding, mark.kind) for mark in marks] == [
        (FILM, "Enlarged Cardiomediastinum", "polygon"),
        (FILM, "Lung Lesion", "polygon"),
    ]
    assert (marks[0].height_px, marks[0].width_px) == (HEIGHT, WIDTH)
    for ring, contour in zip(marks[0].outlines(), CONTOURS, strict=True):
        assert ring[:-1].tolist() == contour
    mask, published = marks[0].mask(), _filled_by_pillow()
    sides = [np.hypot(*np.diff(np.array([*ring, ring[0]]), axis=0).T).sum() for ring in CONTOURS]
    assert (mask ^ published).sum() <= sum(sides)


def test_encoded_masks_are_the_same_pixels_and_empty_ones_hold_none(tmp_path: Path) -> None:
    published = _filled_by_pillow()
    masks = {"Edema": np.zeros_like(published), "Airspace Opacity": published}
    film = {name: coco.encode(np.asfortranarray(mask, dtype=np.uint8)) for name, mask in masks.items()}
    encoded = {name: {**runs, "counts": runs["counts"].decode()} for name, runs in film.items()}
    empty, drawn = read_annotations(_written(tmp_path / "gt.json", {FILM: encoded}))
    assert not empty.mask().any()
    assert (drawn.mask() == published).all()
    assert drawn.finding == "Airspace Opacity"


@pytest.mark.parametrize(
    ("film", "words"),
    [
        ({"Edema": CONTOURS}, "its size is None"),
        ({"img_size": [2320], "Edema": CONTOURS}, r"its size is \[2320\]"),
        ({"img_size": ["232", "283"], "Edema": CONTOURS}, "its size is"),
        ({"img_size": [0, 283], "Edema": CONTOURS}, "not a size of a film"),
        ({"img_size": [10**9, 283], "Edema": CONTOURS}, "not a size of a film"),
        ({"img_size": [232, 283], "Edema": [[1, 2], [3, 4]]}, r"not lists of points \[x, y\]"),
        ({"img_size": [232, 283], "Edema": "drawn"}, "not lists of points"),
        ({"img_size": [232, 283], "Edema": [[[1, 2], [3, 4], [5, "6"]]]}, "at least three points"),
        ({"img_size": [232, 283], "Edema": [[[1, 2], [3, 4], [5, 10**400]]]}, "not finite"),
        ({"img_size": [232, 283], " ": CONTOURS}, "its finding has no name"),
        ({"Edema": {"size": [4, 4], "counts": "zz"}}, "do not fill 4 x 4"),
        ({"Edema": {"size": [4, 4], "counts": [16, 1]}}, "do not fill 4 x 4"),
        ({"Edema": {"size": [4], "counts": "04"}}, r"its size is \[4\]"),
        ({"Edema": {"size": [4, 4]}}, "'counts'"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, film: dict[str, Any], words: str) -> None:
    path = _written(tmp_path / "gt.json", {FILM: film})
    with pytest.raises(StudyError, match=words) as error:
        read_annotations(path, format_name="chexlocalize")
    assert str(path) in error.value.message
    assert error.value.remedy.endswith(".")


@pytest.mark.parametrize("content", [[], [FILM], {FILM: 3}, {FILM: [CONTOURS]}])
def test_files_of_another_form(tmp_path: Path, content: object) -> None:
    path = _written(tmp_path / "gt.json", content)
    with pytest.raises(StudyError, match="object of findings"):
        read_annotations(path, format_name="chexlocalize")
