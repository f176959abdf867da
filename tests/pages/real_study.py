"""Studies that users make from real films: 621 NIH films with a DenseNet's probabilities, 49 with polygons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats import write_coco
from core.building.importing import ImportSources, import_study


def import_nih(real_data: Path, folder: Path, *, name: str = "nih-621", with_splits: bool = False) -> Path:
    """Imports nih-621-small to `folder`/`name` and returns the study; with_splits : every other film to fit on."""
    source = real_data / "nih-621-small"
    table = pd.read_csv(source / "labels_and_chexnet_probs.csv")
    findings = [name.removeprefix("prob_") for name in table.columns if name.startswith("prob_")]
    table = table.rename(columns={"Image Index": "image_id", "Patient ID": "patient_id", "View Position": "view"})
    table["split"] = ["val" if row % 2 else "test" for row in range(len(table))]
    labels, scores = folder / "labels.csv", folder / "scores.csv"
    columns = ["image_id", "patient_id", "view", *(["split"] if with_splits else []), *findings]
    table[columns].to_csv(labels, index=False)
    probabilities = table[["image_id", *(f"prob_{name}" for name in findings)]]
    probabilities.rename(columns=lambda name: name.removeprefix("prob_")).to_csv(scores, index=False)
    sources = ImportSources(labels, {"densenet": scores}, images=source / "images256")
    return import_study(folder / name, "NIH ChestX-ray14, 621 films", sources).root


def import_nih_masks(real_data: Path, folder: Path) -> Path:
    """Imports the 49 NIH films that radiologists read for ChestX-Det, with their polygons, to `folder`/nih-masks."""
    source = real_data / "nih-radiologist-masks"
    records = json.loads((source / "annotations.json").read_text())
    findings = list(records[0]["chexnet_prob"])
    named = {"image_id": [record["image"] for record in records]}
    read = {name: [int(name in record["nih_labels"]) for record in records] for name in findings}
    given = {name: [record["chexnet_prob"][name] for record in records] for name in findings}
    labels, scores, masks = (folder / name for name in ("mask-labels.csv", "mask-scores.csv", "coco.json"))
    pd.DataFrame({**named, **read}).to_csv(labels, index=False)
    pd.DataFrame({**named, **given}).to_csv(scores, index=False)
    write_coco(masks, [mark for record in records if record.get("chestx_det") for mark in _polygons(record)])
    sources = ImportSources(labels, {"densenet": scores}, images=source / "images", masks=masks)
    return import_study(folder / "nih-masks", "NIH films with radiologists' polygons", sources).root


def _polygons(record: dict[str, Any]) -> list[Annotation]:
    drawn = record["chestx_det"]
    return [
        Annotation(record["image"], finding, "ChestX-Det", "polygon", 1024, 1024, json.dumps([np.ravel(ring).tolist()]))
        for finding, ring in zip(drawn["syms"], drawn["polygons"], strict=True)
    ]
