"""What a build that was cut left is not used where films, marks or preprocessing are others since."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.building.plan import BuildOptions
from core.datasets.folder import FolderDataset
from core.errors import ModelError
from core.models.load import load_clip
from core.models.source import CONFIG
from core.saliency.tower.setting_model import load_setting_model
from core.space.study_model import study_model
from tests.building.interrupted import first_dimensions, write_films
from tests.building.planned import built
from tests.models.tiny import make_tiny_clip

_built = partial(built, project=first_dimensions)
OPTIONS = BuildOptions("x", ("zero_shot",), films="all")
Change = Callable[[Path, Path], object]


@pytest.fixture
def films(tmp_path: Path) -> Path:
    return write_films(tmp_path / "films", 70)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_tiny_clip(tmp_path / "tiny")


def _config(**changes: object) -> Change:
    def change(folder: Path, films: Path) -> None:
        config = json.loads((folder / CONFIG).read_text())
        config["preprocess_cfg"] |= changes
        (folder / CONFIG).write_text(json.dumps(config))

    return change


def _another_film(folder: Path, films: Path) -> None:
    Image.fromarray(np.arange(120 * 90, dtype=np.uint8).reshape(120, 90)).save(films / "f0003.png")


def _another_film_of_the_same_size(folder: Path, films: Path) -> None:
    """As many bytes and the same lengths, as an archive's films may have."""
    path = films / "f0003.png"
    size, turned = path.stat().st_size, Image.open(path).rotate(180)
    turned.save(path)
    content = path.read_bytes()
    path.write_bytes(content[:size] if len(content) > size else content)
    if len(content) > size:
        turned.save(path)
    os.utime(path, (1, 1))


def _marks(folder: Path, films: Path) -> None:
    height, width = np.asarray(Image.open(films / "f0001.png")).shape
    images = [{"id": 1, "file_name": "f0001.png", "height": height, "width": width}]
    marks = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "reader": "A"}]
    categories = [{"id": 1, "name": "Edema"}]
    content = {"images": images, "annotations": marks, "categories": categories}
    (films / "masks.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    "change",
    [
        _config(mean=[0.5, 0.5, 0.5]),
        _config(std=[0.5, 0.4, 0.3]),
        _config(resize_mode="squash"),
        _config(interpolation="bilinear"),
        _another_film,
        _another_film_of_the_same_size,
        _marks,
    ],
)
def test_a_build_that_goes_on_after_a_change_is_a_clean_one(
    films: Path, folder: Path, tmp_path: Path, change: Change
) -> None:
    def build(name: str) -> dict[str, str]:
        dataset, model = FolderDataset(films), load_clip(folder)
        study = _built(dataset, model, str(folder), tmp_path / name, OPTIONS, say=said.append)
        return {part: entry.sha256 for part, entry in study.manifest.files.items()}

    said: list[str] = []
    _cut(films, folder, tmp_path / "study")
    change(folder, films)
    assert build("study") == build("clean")
    assert said[0].startswith("Thrown away, as made from other films")


def test_a_cut_build_goes_on_where_nothing_changed(films: Path, folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    _cut(films, folder, tmp_path / "study")
    _built(FolderDataset(films), load_clip(folder), str(folder), tmp_path / "study", OPTIONS, say=said.append)
    assert said[0].startswith("Kept from an interrupted build")


def _cut(films: Path, folder: Path, out: Path) -> None:
    """A build that is stopped after its first chunk."""

    def stop(done: int, total: int, what: str) -> None:
        if what == "films read and encoded":
            raise KeyboardInterrupt

    model = load_clip(folder)
    with pytest.raises(KeyboardInterrupt):
        _built(FolderDataset(films), model, str(folder), out, OPTIONS, progress=stop)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            _config(mean=[0.5, 0.5, 0.5]),
            r"mean of preprocess_cfg is \[0\.5, 0\.5, 0\.5\]; the study x was made with",
        ),
        (_config(resize_mode="squash"), "resize_mode of preprocess_cfg is squash"),
        (_config(interpolation="bilinear"), "interpolation of preprocess_cfg is bilinear"),
    ],
)
def test_another_preprocessing_behind_a_finished_study_is_noticed(
    films: Path, folder: Path, tmp_path: Path, change: Change, words: str
) -> None:
    model = load_clip(folder)
    study = _built(FolderDataset(films), model, str(folder), tmp_path / "study", OPTIONS)
    assert study.manifest.model is not None
    assert study.manifest.model["preprocess_cfg"] == model.transform.cfg
    change(folder, films)
    with pytest.raises(ModelError, match=words):
        load_setting_model(study, "zero_shot")
    with pytest.raises(ModelError, match=words):
        study_model(study)
