"""Annotations against pycocotools and by hand; COCO JSON of every kind, and damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from core.annotations import Annotation, annotation_from_mask, check_annotation
from core.coco import read_coco
from core.errors import StudyError

HEIGHT, WIDTH = 40, 30


def _coco_file(path: Path, annotations: list[dict[str, Any]], **changes: Any) -> Path:
    content = {
        "images": [{"id": 7, "file_name": "folder/film.png", "height": HEIGHT, "width": WIDTH}],
        "categories": [{"id": 1, "name": "Cardiomegaly"}],
        "annotations": [{"id": 3, "image_id": 7, "category_id": 1, **entry} for entry in annotations],
        **changes,
    }
    path.write_text(json.dumps(content))
    return path


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


def test_coco_of_every_kind(tmp_path: Path) -> None:
    mask = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    mask[5:9, 3:7] = 1
    packed = coco.encode(np.asfortranarray(mask))["counts"].decode()
    column_major = mask.flatten(order="F")
    changes = np.flatnonzero(np.diff(column_major)) + 1
    plain = np.diff([0, *changes, column_major.size]).tolist()
    read = read_coco(
        _coco_file(
            tmp_path / "masks.json",
            [
                {"segmentation": [[3, 5, 7, 5, 7, 9, 3, 9]], "reader": "A"},
                {"segmentation": {"size": [HEIGHT, WIDTH], "counts": packed}, "attributes": {"reader": "B"}},
                {"segmentation": {"size": [HEIGHT, WIDTH], "counts": plain}},
                {"bbox": [3, 5, 4, 4]},
                {"segmentation": [], "bbox": [3, 5, 4, 4]},
            ],
        ),
        reader="C",
    )
    assert [entry.kind for entry in read] == ["polygon", "rle", "rle", "box", "box"]
    assert [entry.reader for entry in read] == ["A", "B", "C", "C", "C"]
    assert {(entry.image_id, entry.finding) for entry in read} == {("film.png", "Cardiomegaly")}
    for entry in read:
        assert (entry.mask() == mask.astype(bool)).all()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"segmentation": [[1, 2, 3, 4]]}, "at least three points"),
        ({"segmentation": [["a"] * 6]}, "at least three points"),
        ({"segmentation": "polygon"}, "at least three points"),
        ({}, r"\[x, y, width, height\]"),
        ({"bbox": [1, 2, 0, 4]}, "positive width"),
        ({"bbox": [1, 2, True, 4]}, "positive width"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": "zzzz"}}, "do not fill"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": "o"}}, "do not fill"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": "\u00e4"}}, "do not fill"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": ""}}, "do not fill"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": [5, 5]}}, "do not fill"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": [5, -5, HEIGHT * WIDTH]}}, "do not fill"),
        ({"segmentation": {"size": [9, 9], "counts": "04"}}, "size"),
        ({"segmentation": {"size": [HEIGHT, WIDTH]}}, "counts"),
        ({"bbox": [1, 2, 3, 4], "image_id": 99}, "image_id 99"),
        ({"bbox": [1, 2, 3, 4], "category_id": 99}, "category_id 99"),
    ],
)
def test_damaged_annotations_are_named(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    path = _coco_file(tmp_path / "masks.json", [entry])
    with pytest.raises(StudyError, match=words) as error:
        read_coco(path)
    assert "annotation 3" in error.value.message


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"images": 3}', '{"images": [], "categories": [], "annotations": [1]}', '{"a": NaN}']
)
def test_files_that_are_not_coco_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "masks.json"
    path.write_text(text)
    with pytest.raises(StudyError, match=r"masks\.json"):
        read_coco(path)
    with pytest.raises(StudyError, match=r"other\.json"):
        read_coco(tmp_path / "other.json")


def test_an_image_without_a_size_or_of_no_sensible_size(tmp_path: Path) -> None:
    image = {"id": 7, "file_name": "film.png"}
    box = [{"bbox": [1, 2, 3, 4]}]
    with pytest.raises(StudyError, match="height and width"):
        read_coco(_coco_file(tmp_path / "masks.json", box, images=[image]))
    with pytest.raises(StudyError, match="no size of a film"):
        read_coco(_coco_file(tmp_path / "masks.json", box, images=[{**image, "height": 10**6, "width": 10**6}]))


@pytest.mark.parametrize(
    ("kind", "geometry", "words"),
    [("circle", "[1,2,3]", "none of polygon, box, rle"), ("box", "[1,2", "not JSON"), ("rle", "[]", "RLE")],
)
def test_stored_annotations_are_checked_too(kind: Any, geometry: str, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        check_annotation(Annotation("film", "Edema", "", kind, HEIGHT, WIDTH, geometry), "masks.parquet: row 1")
