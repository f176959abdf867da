"""Folders of PNG masks: every kind of PNG that says the same, names, and what is no mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.annotations.formats import read_annotations
from core.errors import StudyError

INSIDE = np.random.default_rng(5).random((20, 30)) < 0.3
GREY = Image.fromarray(INSIDE.astype(np.uint8) * 255)


def _pictures() -> dict[str, Image.Image]:
    return {
        "grey": GREY,
        "one": Image.fromarray(INSIDE.astype(np.uint8)),
        "bit": GREY.convert("1"),
        "sixteen": Image.fromarray(INSIDE.astype(np.uint16) * 40_000),
        "rgb": GREY.convert("RGB"),
        "rgba": GREY.convert("RGBA"),
        "palette": GREY.convert("P"),
        "grey_alpha": GREY.convert("LA"),
    }


@pytest.mark.parametrize("kind", list(_pictures()))
def test_every_kind_of_png(tmp_path: Path, kind: str) -> None:
    _pictures()[kind].save(tmp_path / "film__Edema.png")
    (mark,) = read_annotations(tmp_path, reader="R")
    assert (mark.mask() == INSIDE).all()
    assert (mark.image_id, mark.finding, mark.reader, mark.kind) == ("film", "Edema", "R", "rle")


def test_names_are_split_at_the_last_separator(tmp_path: Path) -> None:
    for name in ("a__b__Pleural Effusion.png", "00000001_000.png__Mass.PNG"):
        GREY.save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not looked at")
    (tmp_path / ".hidden.png").write_text("not looked at")
    found = [(mark.image_id, mark.finding) for mark in read_annotations(tmp_path)]
    assert found == [("00000001_000.png", "Mass"), ("a__b", "Pleural Effusion")]


def test_masks_of_nothing_and_of_everything(tmp_path: Path) -> None:
    for name, value in (("a__Empty.png", 0), ("b__Whole.png", 255)):
        Image.new("L", (30, 20), value).save(tmp_path / name)
    empty, whole = read_annotations(tmp_path)
    assert not empty.mask().any()
    assert whole.mask().all()


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (Image.fromarray(np.arange(6, dtype=np.uint8)[None]), "6 different values"),
        (Image.fromarray(np.array([[100, 200]], dtype=np.uint8)), "2 different values"),
        (Image.new("RGB", (4, 4), (255, 0, 0)), "transparent or coloured"),
        (Image.new("RGBA", (4, 4), (255, 255, 255, 100)), "transparent or coloured"),
    ],
)
def test_pictures_that_are_no_masks(tmp_path: Path, picture: Image.Image, words: str) -> None:
    picture.save(tmp_path / "film__Edema.png")
    with pytest.raises(StudyError, match=words) as error:
        read_annotations(tmp_path)
    assert str(tmp_path / "film__Edema.png") in error.value.message
    assert error.value.remedy.endswith(".")


def test_files_that_are_no_png(tmp_path: Path) -> None:
    path = tmp_path / "film__Edema.png"
    GREY.save(path)
    whole = path.read_bytes()
    for content in (b"", b"text", whole[: len(whole) // 2], whole[:40] + b"\0" * 20 + whole[60:]):
        path.write_bytes(content)
        with pytest.raises(StudyError, match="is not a whole PNG"):
            read_annotations(tmp_path)
    GREY.save(path, format="JPEG")
    with pytest.raises(StudyError, match="is not a whole PNG"):
        read_annotations(tmp_path)


@pytest.mark.parametrize("name", ["film.png", "__Edema.png", "film__.png", "film__ .png"])
def test_names_without_film_or_finding(tmp_path: Path, name: str) -> None:
    GREY.save(tmp_path / "film__Edema.png")
    GREY.save(tmp_path / name)
    with pytest.raises(StudyError, match="its name is not <image_id>__<finding>"):
        read_annotations(tmp_path)


def test_a_folder_without_png(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="holds no PNG"):
        read_annotations(tmp_path, format_name="png")
