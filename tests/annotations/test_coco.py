"""COCO JSON: every kind, damaged, written and read again, and read by pycocotools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco
from pycocotools.coco import COCO

from core.annotations.annotation import Annotation, annotation_from_mask
from core.annotations.formats.coco import read_coco
from core.annotations.formats.coco_writer import write_coco
from core.errors import StudyError

HEIGHT, WIDTH = 40, 30


def _coco_file(path: Path, annotations: list[dict[str, Any]], **changes: Any) -> Path:
    content = {
        "images": [{"id": 7, "file_name": "folder/film.png", "height": HEIGHT, "width": WIDTH}],
        "categories": [{"id": 1, "name": "Cardiomegaly"}],
        "annotations": [
            {"id": number, "image_id": 7, "category_id": 1, **entry} for number, entry in enumerate(annotations, 3)
        ],
        **changes,
    }
    path.write_text(json.dumps(content))
    return path


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
    assert {(entry.image_id, entry.finding) for entry in read} == {("folder/film.png", "Cardiomegaly")}
    for entry in read:
        assert (entry.mask() == mask.astype(bool)).all()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"segmentation": [[1, 2, 3]]}, "at least three points"),
        ({"bbox": [0.1, 0.1, 0.8, 0.8]}, "in shares of the film"),
        ({"bbox": [0, 0, 1, 1]}, "in shares of the film"),
        ({"segmentation": [[0.1, 0.1, 0.9, 0.1, 0.5, 0.75]]}, "in shares of the film"),
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
        ({"bbox": [1, 2, 3, 4], "category_id": [1]}, r"category_id \[1\]"),
        ({"bbox": [1, 2, 3, 10**400]}, "not finite"),
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
    with pytest.raises(StudyError, match="not a size of a film"):
        read_coco(_coco_file(tmp_path / "masks.json", box, images=[{**image, "height": 10**6, "width": 10**6}]))


def test_a_number_too_large_for_json(tmp_path: Path) -> None:
    path = _coco_file(tmp_path / "masks.json", [{"bbox": [1, 2, 3, 4]}])
    path.write_text(path.read_text().replace("[1, 2, 3, 4]", "[1, 2, 3, 1e999]"))
    with pytest.raises(StudyError, match="not finite"):
        read_coco(path)


def _marks() -> list[Annotation]:
    """Every kind, two readers, two films, names beyond ASCII."""
    mask = np.random.default_rng(0).random((HEIGHT, WIDTH)) < 0.4
    polygon = "[[2.5,2.5,20.25,4,12,30.5],[10,10,25,10,25,25]]"
    return [
        annotation_from_mask("one.png", "Edema", "Ä. Reader", mask),
        Annotation("deep/two.png", "Édème", "B", "polygon", HEIGHT, WIDTH, polygon),
        Annotation("one.png", "Edema", "B", "box", HEIGHT, WIDTH, "[4.5,8,16,12.25]"),
    ]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_coco(tmp_path / "marks.json", _marks())
    assert read_coco(tmp_path / "marks.json") == _marks()


def test_pycocotools_sees_the_same_pixels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_coco(tmp_path / "marks.json", _marks())
    other = COCO(str(tmp_path / "marks.json"))
    entries = other.loadAnns(other.getAnnIds())
    assert len(entries) == 3
    for entry, mark in zip(entries, _marks(), strict=True):
        rows, columns = np.nonzero(mark.mask())
        if mark.kind != "box":
            assert (other.annToMask(entry).astype(bool) == mark.mask()).all()
            assert entry["area"] == mark.mask().sum()
            assert entry["bbox"] == [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
        assert other.loadCats(entry["category_id"])[0]["name"] == mark.finding
        assert other.loadImgs(entry["image_id"])[0]["file_name"] == mark.image_id


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "marks.json").write_text("mine")
    with pytest.raises(StudyError, match="is there already"):
        write_coco(tmp_path / "marks.json", _marks())
    with pytest.raises(StudyError, match="cannot be written"):
        write_coco(tmp_path / "absent" / "marks.json", _marks())
    assert (tmp_path / "marks.json").read_text() == "mine"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"images": [{"id": 7, "file_name": name, "height": 40, "width": 30} for name in "ab"]},
            "'images' have the id 7",
        ),
        ({"images": [{"file_name": name, "height": 40, "width": 30} for name in "ab"]}, "'images' have the id None"),
        ({"categories": [{"id": 1, "name": name} for name in "ab"]}, "'categories' have the id 1"),
    ],
)
def test_an_id_that_two_have_is_named(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        read_coco(_coco_file(tmp_path / "masks.json", [{"bbox": [1, 2, 3, 4]}], **changes))


def test_an_id_that_two_annotations_have_is_named(tmp_path: Path) -> None:
    path = _coco_file(tmp_path / "masks.json", [{"bbox": [1, 2, 3, 4], "id": 9}, {"bbox": [5, 2, 3, 4], "id": 9}])
    with pytest.raises(StudyError, match="two of its 'annotations' have the id 9"):
        read_coco(path)


def test_the_same_film_listed_twice_is_one_film(tmp_path: Path) -> None:
    film = {"id": 7, "file_name": "a.png", "height": HEIGHT, "width": WIDTH}
    (mark,) = read_coco(_coco_file(tmp_path / "masks.json", [{"bbox": [1, 2, 3, 4]}], images=[film, dict(film)]))
    assert mark.image_id == "a.png"


def test_a_contour_of_two_points_encloses_nothing_and_spoils_nothing(tmp_path: Path) -> None:
    square = [3, 5, 7, 5, 7, 9, 3, 9]
    shapes = [[[1, 2, 3, 4]], [[5, 5]], [[1, 2, 3, 4], square], [square]]
    marks = read_coco(_coco_file(tmp_path / "masks.json", [{"segmentation": shape} for shape in shapes]))
    assert [int(mark.mask().sum()) for mark in marks] == [0, 0, 16, 16]


def test_a_small_mark_in_pixels_is_no_share(tmp_path: Path) -> None:
    marks = read_coco(_coco_file(tmp_path / "masks.json", [{"bbox": [1, 1, 1, 1]}, {"bbox": [0, 0, 1, 2]}]))
    assert [int(mark.mask().sum()) for mark in marks] == [1, 2]
