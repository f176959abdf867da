"""Films in files: pixels, and files that were cut off, told before and while they are read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from PIL import Image

from core.datasets.films import film_pixels
from core.datasets.folder import FolderDataset
from core.datasets.registry import load_dataset
from core.errors import CoreError, DatasetError
from core.intake.film_files import is_whole, read_grey, require_whole
from core.study import Study
from tests.building.interrupted import write_films
from tests.datasets.iu_xray_files import film_names, write_kaggle

FILM = np.random.default_rng(0).integers(0, 256, (90, 70), dtype=np.uint8)


@pytest.mark.parametrize("name", ["film.png", "film.jpg"])
def test_every_cut_is_noticed(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    Image.fromarray(FILM).save(path)
    content = path.read_bytes()
    assert is_whole(path)
    assert read_grey(path).shape == FILM.shape
    for length in range(0, len(content) - 1, 97):
        path.write_bytes(content[:length])
        assert not is_whole(path), length
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DatasetError, match=f"{name}: the film cannot be read"):
        read_grey(path)


def test_what_stands_behind_the_end_does_not_matter(tmp_path: Path) -> None:
    for name in ("film.png", "film.jpg"):
        Image.fromarray(FILM).save(tmp_path / name)
        with (tmp_path / name).open("ab") as file:
            file.write(b"written by a viewer")
        assert is_whole(tmp_path / name)


def test_no_film_is_no_whole_film(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_text("<html>")
    assert not is_whole(tmp_path / "page.png")
    assert not is_whole(tmp_path / "absent.png")


def test_all_that_are_cut_off_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(6)]
    for path in paths:
        path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(
        DatasetError, match=r"0\.png: the film is cut off, and 5 more: 1\.png, 2\.png, 3\.png, \.\.\."
    ) as e:
        require_whole(paths)
    assert "delete it" in e.value.remedy
    require_whole([])


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])


def test_a_film_that_is_cut_off_is_named_by_each_dataset(tmp_path: Path) -> None:
    folder, kaggle = write_films(tmp_path / "films", 4), write_kaggle(tmp_path / "iu")
    _cut(folder / "f0002.png")
    with pytest.raises(DatasetError, match=r"f0002\.png: the film cannot be read"):
        FolderDataset(folder).film(2)
    dataset = load_dataset("iu-xray", kaggle)
    name = f"{film_names(3)[0]}.dcm.png"
    _cut(kaggle / "images" / "images_normalized" / name)
    row = dataset.images["image_id"].tolist().index(film_names(3)[0])
    with pytest.raises(CoreError, match=f"{name}: the film cannot be read"):
        dataset.film(row)


def test_a_stored_film_that_is_cut_off_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    Image.fromarray(FILM).save(path)
    study = cast(Study, SimpleNamespace(film_path=lambda image_id: path))
    np.testing.assert_array_equal(film_pixels(study, "film"), FILM)
    _cut(path)
    with pytest.raises(DatasetError, match=r"film\.png: the film cannot be read"):
        film_pixels(study, "film")


def test_reading_a_film_imports_no_model() -> None:
    code = "import sys, core.intake.film_files; sys.exit(bool({'torch', 'open_clip'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
