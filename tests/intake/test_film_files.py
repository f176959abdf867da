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
from core.intake.film_files import read_grey
from core.study import Study
from tests.building.interrupted import write_films
from tests.datasets.iu_xray_files import film_names, write_kaggle

FILM = np.random.default_rng(0).integers(0, 256, (90, 70), dtype=np.uint8)


@pytest.mark.parametrize("name", ["film.png", "film.jpg"])
def test_every_cut_is_noticed(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    Image.fromarray(FILM).save(path)
    content = path.read_bytes()
    np.testing.assert_array_equal(read_grey(path), np.asarray(Image.open(path)))
    for length in range(0, len(content) - 1, 97):
        path.write_bytes(content[:length])
        with pytest.raises(DatasetError, match=f"{name}: the film cannot be read"):
            read_grey(path)


def test_what_stands_behind_the_end_does_not_matter(tmp_path: Path) -> None:
    for name in ("film.png", "film.jpg"):
        Image.fromarray(FILM).save(tmp_path / name)
        before = read_grey(tmp_path / name)
        with (tmp_path / name).open("ab") as file:
            file.write(b"written by a viewer")
        np.testing.assert_array_equal(read_grey(tmp_path / name), before)


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
