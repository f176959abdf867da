"""Marks as tools export them: names that were added to, and films that were made smaller or larger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.__main__ import main
from core.annotations.annotation import Annotation, annotation_from_mask
from core.datasets.folder import FolderDataset
from core.intake.fit_marks import plain_name, scaled_to_films
from core.study import open_study
from tests.study.damage import refused
from tests.study.test_import import IDS, LABELS, imported, write_films, write_tables


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("3f2a1b4c-film0000.png", "film0000.png"),
        ("data/upload/1/3f2a1b4c-film0000.png", "film0000.png"),
        ("film0000_png.rf.0123456789abcdef0123456789abcdef.jpg", "film0000.png"),
        ("train/film_0000_jpg.rf.8Kd3JxQ2vVwYb1cD4eF5.jpg", "film_0000.jpg"),
        ("film0000.rf.0123456789abcdef0123456789abcdef.jpg", "film0000"),
        ("3f2a1b4c-a_png.rf.0123456789abcdef0123456789abcdef.jpg", "a.png"),
        ("film0000.png", "film0000.png"),
        ("folder/film-0000.png", "folder/film-0000.png"),
        ("3F2A1B4C-film.png", "3F2A1B4C-film.png"),
        ("3f2a1b4c-", "3f2a1b4c-"),
    ],
)
def test_what_tools_add_to_names(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def _marks(folder: Path, names: list[str], size: tuple[int, int] = (40, 30), **mark: Any) -> Path:
    content = {
        "images": [
            {"id": number, "file_name": name, "height": size[0], "width": size[1]} for number, name in enumerate(names)
        ],
        "categories": [{"id": 1, "name": "Edema"}],
        "annotations": [
            {"id": number, "image_id": number, "category_id": 1, **(mark or {"bbox": [4, 8, 12, 16]})}
            for number in range(len(names))
        ],
    }
    path = folder / "marks.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("name", ["3f2a1b4c-c.png", "images\\3f2a1b4c-c.png", "c_png.rf.0a1b2c3d4e5f60718293.jpg"])
def test_marks_join_films_whose_names_were_added_to(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = imported([*write_tables(tmp_path), "--images", str(write_films(tmp_path / "films", *IDS))])
    assert main(["annotate", str(study.root), str(_marks(tmp_path, [name])), "--reader", "R"]) == 0
    assert "1 film was found by name without what a tool added" in capsys.readouterr().out
    assert [mark.image_id for mark in open_study(study.root).annotations()] == ["c.png"]


def test_two_versions_of_one_film_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Roboflow writes turned copies of a film under its name: marks of those would lie elsewhere."""
    study = imported([*write_tables(tmp_path), "--images", str(write_films(tmp_path / "films", *IDS))])
    path = _marks(tmp_path, ["c_png.rf.0a1b2c3d4e5f60718293.jpg", "c_png.rf.ffffffffffffffffffff.jpg"])
    capsys.readouterr()
    line = refused(["annotate", str(study.root), str(path), "--reader", "R"], tmp_path, capsys)
    assert "are both of the film 'c.png'" in line


SQUARE = np.zeros((80, 60), dtype=bool)
SQUARE[16:48, 8:32] = True


@pytest.mark.parametrize(
    "mark",
    [
        Annotation("a", "Edema", "R", "box", 80, 60, "[8,16,24,32]"),
        Annotation("a", "Edema", "R", "polygon", 80, 60, "[[8,16,32,16,32,48,8,48]]"),
        annotation_from_mask("a", "Edema", "R", SQUARE),
    ],
    ids=["box", "polygon", "rle"],
)
@pytest.mark.parametrize("size", [(40, 30), (160, 120), (20, 15)])
def test_a_mark_is_scaled_with_its_film(mark: Annotation, size: tuple[int, int]) -> None:
    (scaled,), (note,) = scaled_to_films([mark], {"a": size}, "marks.json")
    factor = size[0] / 80
    expected = np.zeros(size, dtype=bool)
    expected[round(16 * factor) : round(48 * factor), round(8 * factor) : round(32 * factor)] = True
    np.testing.assert_array_equal(scaled.mask(), expected)
    assert f"(80 x 60 for {size[0]} x {size[1]})" in note
    assert (scaled.kind, scaled.reader, scaled.finding) == (mark.kind, "R", "Edema")


@pytest.mark.parametrize(
    ("drawn_on", "size", "is_scaled"),
    [
        ((2500, 2048), (1024, 839), True),
        ((2500, 2048), (512, 419), True),
        ((1024, 1024), (256, 256), True),
        ((60, 80), (80, 60), False),
        ((100, 100), (100, 103), False),
        ((2500, 2048), (1024, 1024), False),
    ],
)
def test_only_the_same_shape_is_scaled(drawn_on: tuple[int, int], size: tuple[int, int], is_scaled: bool) -> None:
    mark = Annotation("a", "Edema", "R", "box", *drawn_on, "[8,16,24,32]")
    (found,), notes = scaled_to_films([mark], {"a": size}, "marks.json")
    assert (found != mark) == bool(notes) == is_scaled


def test_marks_on_larger_films_come_into_a_study_scaled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films = write_films(tmp_path / "films", *IDS)
    masks = _marks(tmp_path, ["a.png"], (400, 300), bbox=[40, 80, 120, 160])
    study = imported([*write_tables(tmp_path), "--images", str(films), "--masks", str(masks)])
    assert "1 mark was drawn on films of another size" in capsys.readouterr().out
    (mark,) = study.annotations()
    rows, columns = np.nonzero(mark.mask())
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 23, 4, 15)


def test_a_folder_of_films_says_that_marks_were_scaled(tmp_path: Path) -> None:
    films = write_films(tmp_path / "films", *IDS)
    LABELS.to_csv(films / "labels.csv", index=False)
    _marks(films, ["a.png"], (400, 300)).rename(films / "masks.json")
    dataset = FolderDataset(films)
    assert "scaled" in dataset.card.notice
    assert dataset.annotations(0)[0].height_px == 40
