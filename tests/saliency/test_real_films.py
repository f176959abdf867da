"""Real films: polygons against maps through the table, and a landmark through the crop and back."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.findings import CLASSES
from core.geometry import Geometry, map_to_film
from core.models.clip_model import ClipModel
from core.models.preprocess import film_transform
from core.saliency.localization.compute import compute_saliency_table
from core.saliency.localization.metrics import METRICS
from core.saliency.localization.pairs import MapKey, MaskFilter
from core.saliency.localization.summary import summarize
from core.saliency.localization.table import LocalizationPlan
from tests.models.tiny import MEAN, STD
from tests.saliency.nih_study import nih_study

pytestmark = pytest.mark.real


def test_polygons_of_radiologists_go_through_the_table(
    real_data: Path, tiny: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that knows nothing: its maps are about as good as a random one's."""
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    study = nih_study(real_data, tiny, tmp_path / "study", n_annotated=12)
    assert len(study.annotated_ids()) == 12
    table = compute_saliency_table(study, plan=LocalizationPlan(("grad_cam", "rollout", "random", "centre")))
    drawn = {(entry.image_id, entry.finding) for entry in study.annotations() if entry.finding in CLASSES}
    assert set(zip(table.rows["image_id"], table.rows["finding"], strict=True)) == drawn
    assert table.rows["chance"].between(0, 1, inclusive="neither").all()
    assert (table.rows["outside"] == 0).all()
    for metric in METRICS:
        if metric.name.endswith("_fitted"):
            continue  # there are no val films
        found = summarize(table, MapKey("linear_probe", "rollout"), MaskFilter("test"), metric.name)
        assert 0 <= found.value <= 1
        assert found.n_pairs + sum(found.left_out.values()) == len(drawn)
        if found.interval.is_estimable:
            assert found.interval.low <= found.value <= found.interval.high
            assert found.interval.low < found.interval.high
    energy = summarize(table, MapKey("linear_probe", "random"), MaskFilter("test"), "energy")
    assert abs(energy.value - energy.chance) < 0.05
    assert energy.interval.is_estimable
    assert energy.interval.n == energy.n_pairs >= 5
    assert energy.interval.low - 0.02 <= energy.chance <= energy.interval.high + 0.02
    assert energy.over_baselines["centre"].n_pairs == energy.n_pairs
    rollout = summarize(table, MapKey("linear_probe", "rollout"), MaskFilter("test"), "energy")
    assert abs(rollout.value - rollout.chance) < 0.1


@pytest.mark.parametrize("crop_px", [160, 224])
@pytest.mark.parametrize("place", [(0.5, 0.5), (0.3, 0.62), (0.71, 0.2)])
def test_a_landmark_in_the_film_lands_on_itself_in_the_overlay(
    real_data: Path, crop_px: int, place: tuple[float, float]
) -> None:
    """What the transform makes of a bright spot, laid back onto the film, is where the spot is: half a display pixel.

    A film is shown about 512 pixels wide.
    """
    transform = film_transform({"size": crop_px, "mean": MEAN, "std": STD})
    shapes = set()
    for path in films(real_data):
        film = np.asarray(Image.open(path).convert("L"))
        height, width = film.shape
        shapes.add("square" if height == width else "tall" if height > width else "wide")
        short = min(height, width)  # the spot lies in the central square
        centre = ((height - short) / 2 + place[0] * short, (width - short) / 2 + place[1] * short)
        y, x = np.mgrid[0:height, 0:width] + 0.5
        spot = np.exp(-((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / (2 * (short / 40) ** 2))
        plain, marked = (np.round(film / 2 + light).astype(np.uint8) for light in (0, 127 * spot))
        difference = transform.crop(marked).astype(float) - transform.crop(plain)
        values = np.where(difference > 5, difference, 0).astype(np.float32)
        laid = np.nan_to_num(map_to_film(values, height, width, Geometry("crop", crop_px)))
        found = (float((laid * axis).sum() / laid.sum()) for axis in (y, x))
        assert math.dist(tuple(found), centre) < 0.5 * width / 512
    assert {"square"} < shapes


def films(real_data: Path) -> list[Path]:
    """IU-Xray films, none of them square, and three NIH films of 1024 x 1024."""
    iu = sorted((real_data / "iu-xray-png").glob("*.png"))
    nih = sorted((real_data / "nih-radiologist-masks" / "images").glob("*.png"))[:3]
    return [*iu, *nih]
