"""Real films, real labels, a real model's scores and radiologists' masks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from core.__main__ import main
from core.study import Study, check_study, open_study

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def nih_tables(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """labels.csv and scores.csv of the 621 films; the scores in another order than the labels."""
    folder = tmp_path_factory.mktemp("nih-621")
    table = pd.read_csv(real_data / "nih-621-small" / "labels_and_chexnet_probs.csv")
    classes = [name.removeprefix("prob_") for name in table if name.startswith("prob_")]
    names = {"Image Index": "image_id", "Patient ID": "patient_id", "View Position": "view"}
    table.rename(columns=names)[["image_id", "patient_id", "view", *classes]].to_csv(folder / "labels.csv", index=False)
    scores = table[["Image Index", *(f"prob_{name}" for name in classes)]].set_axis(["image_id", *classes], axis=1)
    scores.sample(frac=1, random_state=0).to_csv(folder / "scores.csv", index=False)
    return folder


def _import_nih(tables: Path, films: Path) -> list[str]:
    files = ["--labels", str(tables / "labels.csv"), "--scores", f"densenet={tables / 'scores.csv'}"]
    return ["import", "--out", str(tables / "study"), "--name", "NIH, 621 films", *files, "--images", str(films)]


def test_621_films(real_data: Path, nih_tables: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Films included, with every score and label where it belongs."""
    films = real_data / "nih-621-small" / "images256"
    assert main(_import_nih(nih_tables, films)) == 0
    printed = capsys.readouterr().out
    assert "621 films, 14 classes" in printed
    assert "missing" not in printed
    assert check_study(nih_tables / "study") == []

    study = open_study(nih_tables / "study")
    table = pd.read_csv(real_data / "nih-621-small" / "labels_and_chexnet_probs.csv").set_index("Image Index")
    rows = table.loc[study.image_ids]
    np.testing.assert_array_equal(study.labels, rows[list(study.classes)])
    probabilities = rows[[f"prob_{name}" for name in study.classes]].to_numpy()
    np.testing.assert_allclose(study.scores("densenet"), probabilities, rtol=6e-8)
    assert study.images["patient_id"].is_unique
    assert study.splits() == {"test": 621}
    assert (study.images[["height_px", "width_px"]] == 256).all(axis=None)
    for image_id in study.image_ids[::100]:
        path = study.film_path(image_id)
        assert path is not None
        assert path.read_bytes() == (films / Path(image_id).with_suffix(".jpg")).read_bytes()
    assert study.annotations() == ()


def test_the_one_table_of_labels_and_probabilities_as_it_is(
    real_data: Path, nih_tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same study as from two tables that were made of it."""
    table = real_data / "nih-621-small" / "labels_and_chexnet_probs.csv"
    files = ["--labels", str(table), "--scores", f"densenet={table}"]
    assert main(["import", "--out", str(tmp_path / "one"), "--name", "NIH", *files]) == 0
    said = capsys.readouterr().out
    assert "took 'Image Index' as image_id" in said
    assert "14 columns ('prob_Atelectasis', 'prob_Cardiomegaly', 'prob_Effusion', ...) are taken as scores" in said
    files = ["--labels", str(nih_tables / "labels.csv"), "--scores", f"densenet={nih_tables / 'scores.csv'}"]
    assert main(["import", "--out", str(tmp_path / "two"), "--name", "NIH", *files]) == 0
    one, two = open_study(tmp_path / "one"), open_study(tmp_path / "two")
    assert one.classes == two.classes
    np.testing.assert_array_equal(one.labels, two.labels)
    np.testing.assert_array_equal(one.scores("densenet"), two.scores("densenet"))
    pd.testing.assert_frame_equal(one.images, two.images)


@pytest.fixture(scope="module")
def masked(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, list[dict[str, Any]]]:
    """The 49 films with what radiologists drew on them, imported; and the annotations as they were published."""
    folder, source = tmp_path_factory.mktemp("nih-49"), real_data / "nih-radiologist-masks"
    records = json.loads((source / "annotations.json").read_text())
    classes = list(records[0]["chexnet_prob"])
    frame = pd.DataFrame(
        [
            {
                "image_id": record["image"],
                "patient_id": record["patient"],
                "view": record["view"],
                "age": record["age"],
                "sex": record["sex"],
                **{name: int(name in record["nih_labels"]) for name in classes},
            }
            for record in records
        ]
    )
    frame.to_csv(folder / "labels.csv", index=False)
    scores = pd.DataFrame([{"image_id": record["image"], **record["chexnet_prob"]} for record in records])
    scores.to_csv(folder / "scores.csv", index=False)
    (folder / "masks.json").write_text(json.dumps(_coco(records)))
    arguments = [*_import_nih(folder, source / "images"), "--masks", str(folder / "masks.json")]
    assert main(arguments) == 0
    assert check_study(folder / "study") == []
    return open_study(folder / "study"), records


def test_49_films_with_their_masks(masked: tuple[Study, list[dict[str, Any]]]) -> None:
    study, records = masked
    assert len(study.image_ids) == 49
    assert (study.images[["height_px", "width_px"]] == 1024).all(axis=None)
    assert study.images["age"].dtype == "Int64"
    n_polygons = sum(len(record["chestx_det"]["syms"]) for record in records if record.get("chestx_det"))
    n_boxes = sum(len(record["nih_bbox"]) for record in records)
    kinds = pd.Series([entry.kind for entry in study.annotations()]).value_counts()
    assert kinds.to_dict() == {"polygon": n_polygons, "box": n_boxes}
    assert len(study.annotated_ids()) > 31
    assert {entry.reader for entry in study.annotations()} == {"ChestX-Det", "NIH"}


def test_masks_lie_where_they_were_drawn(masked: tuple[Study, list[dict[str, Any]]]) -> None:
    """Polygons differ from Pillow's filling on their edges at most, and span their boxes, give or take 5 pixels."""
    study, records = masked
    compared = 0
    for record in records:
        drawn = record.get("chestx_det") or {"syms": [], "polygons": [], "boxes": []}
        stored = [entry for entry in study.annotations(record["image"]) if entry.reader == "ChestX-Det"]
        assert [entry.finding for entry in stored] == drawn["syms"]
        for entry, polygon, box in zip(stored, drawn["polygons"], drawn["boxes"], strict=True):
            mask = entry.mask()
            canvas = Image.new("1", (1024, 1024))
            ImageDraw.Draw(canvas).polygon([tuple(point) for point in polygon], fill=1)
            expected = np.asarray(canvas)
            sides = np.diff(np.array([*polygon, polygon[0]]), axis=0)
            assert (mask ^ expected).sum() <= np.hypot(*sides.T).sum()
            (ring,) = entry.outlines()
            np.testing.assert_allclose([*ring.min(axis=0), *ring.max(axis=0)], box, atol=5)
            compared += 1
    assert compared > 90


def test_boxes_lie_where_they_were_drawn(masked: tuple[Study, list[dict[str, Any]]]) -> None:
    study, records = masked
    for record in records:
        stored = [entry for entry in study.annotations(record["image"]) if entry.reader == "NIH"]
        for entry, published in zip(stored, record["nih_bbox"], strict=True):
            x, y, width, height = _box(published)
            rows, columns = np.nonzero(entry.mask())
            np.testing.assert_allclose([columns.min(), rows.min()], [x, y], atol=0.51)
            np.testing.assert_allclose([np.ptp(columns) + 1, np.ptp(rows) + 1], [width, height], atol=1.01)


def test_films_keep_their_greys(masked: tuple[Study, list[dict[str, Any]]], real_data: Path) -> None:
    """RGBA films among them, which are stored as what is seen of them."""
    study, records = masked
    assert {record["mode"] for record in records} >= {"L", "RGBA"}
    for record in records:
        path = study.film_path(record["image"])
        assert path is not None
        with (
            Image.open(path) as film,
            Image.open(real_data / "nih-radiologist-masks/images" / record["image"]) as source,
        ):
            assert film.mode == "L"
            np.testing.assert_array_equal(np.asarray(film), np.asarray(source.convert("RGB"))[..., 0])


def _coco(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Polygons by one reader, boxes by another, as COCO."""
    names = sorted(
        {name for record in records for name in (record.get("chestx_det") or {"syms": []})["syms"]}
        | {box["label"] for record in records for box in record["nih_bbox"]}
    )
    content: dict[str, Any] = {
        "images": [
            {"id": number, "file_name": record["image"], "height": 1024, "width": 1024}
            for number, record in enumerate(records)
        ],
        "categories": [{"id": number, "name": name} for number, name in enumerate(names)],
        "annotations": [],
    }
    for image, record in enumerate(records):
        drawn = record.get("chestx_det") or {"syms": [], "polygons": []}
        for name, polygon in zip(drawn["syms"], drawn["polygons"], strict=True):
            ring = [float(value) for point in polygon for value in point]
            _add(content, image, names.index(name), reader="ChestX-Det", segmentation=[ring])
        for box in record["nih_bbox"]:
            _add(content, image, names.index(box["label"]), attributes={"reader": "NIH"}, bbox=_box(box))
    return content


def _add(content: dict[str, Any], image: int, category: int, **entry: Any) -> None:
    number = len(content["annotations"])
    content["annotations"].append({"id": number, "image_id": image, "category_id": category, **entry})


def _box(published: dict[str, Any]) -> list[float]:
    return [float(published[side]) for side in ("x", "y", "w", "h")]
