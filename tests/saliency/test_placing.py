"""Maps lie where the model looked, whatever it does to films: in the table, beside the film, in what is exported."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torchvision import transforms

from core.annotations.annotation import annotation_from_mask
from core.geometry import Geometry, map_to_film
from core.models.preprocess import FilmTransform, film_transform
from core.own_film.look import own_film_archive
from core.saliency.film_maps import film_maps
from core.saliency.localization.film_agreement import film_agreement
from core.saliency.localization.rows import film_rows
from core.saliency.localization.table import LocalizationPlan
from core.saliency.tower.setting_model import SettingModel, Tower
from core.study.contents import StudyContents
from core.study.manifest import SettingEntry
from core.study.open import open_study
from core.study.read import Study
from core.study.write import write_study
from tests.models.tiny import MEAN, STD
from tests.saliency.towers import planted_model

MODES = ("shortest", "squash", "longest", "inner")
PATCH = (1, 2)
"""Of the four by four that the planted tower sees."""


def _transform(mode: str) -> FilmTransform:
    """open_clip's own, and the one that crops the middle out of a larger square."""
    cfg = {"size": 64, "mean": MEAN, "std": STD}
    if mode != "inner":
        return film_transform({**cfg, "resize_mode": mode})
    inner = transforms.Compose([transforms.Resize(80), transforms.CenterCrop(64)])
    return replace(film_transform(cfg), to_crop=inner, geometry=Geometry("crop", 64, 80))


def _model(mode: str) -> SettingModel:
    planted = planted_model()
    return replace(planted, tower=Tower(planted.visual, _transform(mode), torch.device("cpu")))


def _planted(shape: tuple[int, int], geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """A film (H, W) that is bright where the model's patch lies, and the mask of that place."""
    box, corners = geometry.box(*shape), (np.array([PATCH, np.add(PATCH, 1)]) / 4)[:, ::-1]
    on_film = corners * (box.width, box.height) + (box.left, box.top)
    (left, top), (right, bottom) = on_film.round().astype(int)
    film, mask = np.full(shape, 128, np.uint8), np.zeros(shape, bool)
    film[top:bottom, left:right], mask[top:bottom, left:right] = 250, True
    return film, mask


@pytest.fixture(params=[(640, 400), (300, 520), (400, 400)], ids=str)
def shape(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


def _study(root: Path, film: np.ndarray, mask: np.ndarray) -> Study:
    buffer = io.BytesIO()
    Image.fromarray(film).save(buffer, "PNG")
    about = {"image_id": ["a"], "patient_id": ["a"], "split": ["test"]}
    contents = StudyContents(
        name="planted",
        classes=("Edema", "Fracture"),
        dataset={"name": "planted"},
        images=pd.DataFrame(
            {**about, "height_px": [film.shape[0]], "width_px": [film.shape[1]], "file": ["images/a.png"]}
        ),
        labels=pd.DataFrame({"image_id": ["a"], "Edema": [1], "Fracture": [0]}),
        settings={"linear_probe": SettingEntry("logit")},
        scores={"linear_probe": np.zeros((1, 2))},
        annotations=[annotation_from_mask("a", "Edema", "reader", mask)],
        extra={"images/a.png": buffer.getvalue()},
    )
    return open_study(write_study(root / "study", contents))


@pytest.mark.parametrize("mode", MODES)
def test_viewer_table_and_export_lay_a_map_where_the_model_looked(
    mode: str, shape: tuple[int, int], tmp_path: Path
) -> None:
    model = _model(mode)
    geometry = model.tower.transform.geometry
    film, mask = _planted(shape, geometry)
    maps = film_maps(model, film, method="hires_cam")
    values = maps.of("Edema").values
    assert np.unravel_index(values.argmax(), values.shape) == PATCH
    study = _study(tmp_path, film, mask)
    (row,) = film_rows(study, "a", {"linear_probe": model}, LocalizationPlan(("hires_cam",)))
    (beside,) = film_agreement(values, study.annotations("a"), "Edema", maps.geometry)
    assert np.abs(_middle(values, maps.geometry, shape) - _middle_of(mask)).max() <= 1
    laid = np.nan_to_num(map_to_film(values, *shape, maps.geometry))
    assert row["energy"] == pytest.approx(beside.energy) == pytest.approx(laid[mask].sum() / laid.sum(), rel=1e-5)
    assert row["hit"] == beside.hit == 1
    box = _box_in(own_film_archive(study, film, {"linear_probe": maps}, ""), shape)
    np.testing.assert_allclose(box, _sides(geometry, shape), atol=0.06)


def _sides(geometry: Geometry, shape: tuple[int, int]) -> list[float]:
    box = geometry.box(*shape)
    return [box.left, box.left + box.width, box.top, box.top + box.height]


def _box_in(archive: bytes, shape: tuple[int, int]) -> list[float]:
    """Columns and rows of the film that the export says its maps cover, which is a film of this shape."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        about = files.read("about.txt").decode()
        assert Image.open(io.BytesIO(files.read("film.png"))).size == shape[::-1]
    found = re.search(r"from column (\S+) to (\S+), from row (\S+) to (\S+)\.\n", about)
    assert found is not None
    return [float(number) for number in found.groups()]


@pytest.mark.parametrize("mode", ["squash", "longest"])
def test_a_centre_crop_taken_for_granted_would_miss(mode: str) -> None:
    """What the geometry is kept for: the same map, laid as if the film had been cropped, lies elsewhere."""
    model, shape = _model(mode), (640, 400)
    film, mask = _planted(shape, model.tower.transform.geometry)
    values = film_maps(model, film, method="hires_cam").of("Edema").values
    assert np.abs(_middle(values, Geometry("crop", 64), shape) - _middle_of(mask)).max() > 10


def _middle(values: np.ndarray, geometry: Geometry, shape: tuple[int, int]) -> np.ndarray:
    """Of the pixels (y, x) where a map is at least half as strong as at its peak: the patch itself."""
    laid = np.nan_to_num(map_to_film(values, *shape, geometry))
    return _middle_of(laid >= laid.max() / 2)


def _middle_of(mask: np.ndarray) -> np.ndarray:
    return np.argwhere(mask).mean(axis=0)
