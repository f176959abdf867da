"""Radiologists' polygons and boxes on real NIH films: in, through every format that can hold them, and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from core.__main__ import main
from core.annotations.annotation import Annotation, annotation_from_mask, canonical
from core.annotations.formats import read_annotations
from core.study import check_study, open_study
from tests.annotations.test_round_trips import iou
from tests.annotations.written import as_coco, as_contours, as_labelme, as_nih_boxes, as_png_masks

pytestmark = pytest.mark.real

SIZE = 1024

NAMES = {"Effusion": "Pleural Effusion", "Nodule": "Lung Lesion"}
"""Findings of ChestX-Det as the study calls them."""


@pytest.fixture(scope="module")
def records(real_data: Path) -> list[dict[str, Any]]:
    """The 49 films with what was published on them."""
    found: list[dict[str, Any]] = json.loads((real_data / "nih-radiologist-masks" / "annotations.json").read_text())
    return found


@pytest.fixture(scope="module")
def polygons(records: list[dict[str, Any]]) -> list[Annotation]:
    """One annotation a polygon that radiologists drew for ChestX-Det."""
    return [
        Annotation(record["image"], finding, "ChestX-Det", "polygon", SIZE, SIZE, canonical([np.ravel(ring).tolist()]))
        for record in records
        if record.get("chestx_det")
        for finding, ring in zip(record["chestx_det"]["syms"], record["chestx_det"]["polygons"], strict=True)
    ]


@pytest.fixture(scope="module")
def boxes(records: list[dict[str, Any]]) -> list[Annotation]:
    """NIH's own boxes."""
    return [
        Annotation(
            record["image"],
            box["label"],
            "NIH",
            "box",
            SIZE,
            SIZE,
            canonical([float(box[side]) for side in ("x", "y", "w", "h")]),
        )
        for record in records
        for box in record["nih_bbox"]
    ]


def test_polygons_through_labelme_and_coco(tmp_path: Path, polygons: list[Annotation]) -> None:
    """The same points, so the same pixels."""
    assert len(polygons) > 90
    for writer in (as_labelme, as_coco):
        found = read_annotations(writer(tmp_path, polygons), reader="ChestX-Det")
        assert len({entry.image_id for entry in found}) == 31
        ours = sorted((entry.image_id, entry.finding, entry.geometry) for entry in polygons)
        read = sorted((Path(entry.image_id).name, entry.finding, entry.geometry) for entry in found)
        assert read == ours


def test_polygons_through_chexlocalize_are_one_a_finding(tmp_path: Path, polygons: list[Annotation]) -> None:
    """Contours of one finding together: their union, pixel for pixel."""
    pairs = list(dict.fromkeys((entry.image_id, entry.finding) for entry in polygons))
    unions = {pair: [entry for entry in polygons if (entry.image_id, entry.finding) == pair] for pair in pairs}
    rings = [
        Annotation(*pair, "R", "polygon", SIZE, SIZE, canonical([json.loads(entry.geometry)[0] for entry in drawn]))
        for pair, drawn in unions.items()
    ]
    found = read_annotations(as_contours(tmp_path, rings), reader="R")
    assert [(entry.image_id, entry.finding) for entry in found] == pairs
    for entry in found[::5]:
        expected = np.any([one.mask() for one in unions[entry.image_id, entry.finding]], axis=0)
        assert iou(entry.mask(), expected) == 1.0


def test_masks_of_them_through_png(tmp_path: Path, polygons: list[Annotation]) -> None:
    chosen = {(entry.image_id, entry.finding): entry for entry in polygons[::7]}.values()
    masks = [annotation_from_mask(entry.image_id, entry.finding, "R", entry.mask()) for entry in chosen]
    found = {
        (f"{entry.image_id}.png", entry.finding): entry for entry in read_annotations(as_png_masks(tmp_path, masks))
    }
    for entry in chosen:
        assert iou(found[entry.image_id, entry.finding].mask(), entry.mask()) == 1.0


def test_they_arrive_in_a_finished_study(
    tmp_path: Path,
    real_data: Path,
    records: list[dict[str, Any]],
    polygons: list[Annotation],
    boxes: list[Annotation],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Polygons of one source, then boxes of another, on the real films; findings mapped to classes."""
    names = [record["image"] for record in records]
    table = pd.DataFrame({"image_id": names, "Pleural Effusion": 0, "Lung Lesion": 1, "Cardiomegaly": 1})
    table.to_csv(tmp_path / "labels.csv", index=False)
    table.to_csv(tmp_path / "scores.csv", index=False)
    study, films = tmp_path / "study", real_data / "nih-radiologist-masks" / "images"
    tables = ["--labels", str(tmp_path / "labels.csv"), "--scores", f"any={tmp_path / 'scores.csv'}"]
    assert main(["import", "--out", str(study), "--name", "NIH", *tables, "--images", str(films)]) == 0
    maps = [part for finding, name in NAMES.items() for part in ("--map", f"{finding}={name}")]
    drawn = ["annotate", str(study), str(as_labelme(tmp_path, polygons)), "--reader", "ChestX-Det"]
    assert main([*drawn, *maps]) == 0
    assert main(["annotate", str(study), str(as_nih_boxes(tmp_path, boxes)), "--reader", "NIH"]) == 0
    printed = capsys.readouterr().out
    assert f"{len(polygons)} marks by ChestX-Det" in printed
    assert f"{len(boxes)} marks by NIH" in printed
    assert "are drawn, but no class" in printed
    assert check_study(study) == []
    opened = open_study(study)
    ours = sorted((e.image_id, NAMES.get(e.finding, e.finding), e.geometry) for e in polygons)
    assert sorted((e.image_id, e.finding, e.geometry) for e in opened.annotations() if e.reader != "NIH") == ours
    stored = sorted((e.image_id, e.finding, e.geometry) for e in opened.annotations() if e.reader == "NIH")
    assert stored == sorted((e.image_id, e.finding, e.geometry) for e in boxes)
    _compare_with_pillow(records, opened.annotations())


def _compare_with_pillow(records: list[dict[str, Any]], annotations: tuple[Annotation, ...]) -> None:
    """Every third polygon differs on its edges at most; every box begins and ends where it was published."""
    published = {
        canonical([np.ravel(ring).tolist()]): ring
        for record in records
        for ring in (record.get("chestx_det") or {"polygons": []})["polygons"]
    }
    for entry in [entry for entry in annotations if entry.kind == "polygon"][::3]:
        ring = published[entry.geometry]
        canvas = Image.new("1", (SIZE, SIZE))
        ImageDraw.Draw(canvas).polygon([tuple(point) for point in ring], fill=1)
        sides = np.diff(np.array([*ring, ring[0]]), axis=0)
        assert (entry.mask() ^ np.asarray(canvas)).sum() <= np.hypot(*sides.T).sum()
    for entry in (entry for entry in annotations if entry.kind == "box"):
        x, y, width, height = json.loads(entry.geometry)
        rows, columns = np.nonzero(entry.mask())
        np.testing.assert_allclose([columns.min(), rows.min()], [x, y], atol=0.51)
        np.testing.assert_allclose([columns.max() + 1, rows.max() + 1], [x + width, y + height], atol=0.51)
