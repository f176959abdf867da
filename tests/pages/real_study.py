"""The study that users make from real films: 621 NIH films, 14 labels, a DenseNet's probabilities."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.study.importing import ImportSources, import_study


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
