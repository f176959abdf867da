"""The study that users make from real films: 621 NIH films, 14 labels, a DenseNet's probabilities."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.study.importing import ImportSources, import_study


def import_nih(real_data: Path, folder: Path) -> Path:
    """Imports nih-621-small to `folder`/nih-621 and returns the study."""
    source = real_data / "nih-621-small"
    table = pd.read_csv(source / "labels_and_chexnet_probs.csv")
    findings = [name.removeprefix("prob_") for name in table.columns if name.startswith("prob_")]
    table = table.rename(columns={"Image Index": "image_id", "Patient ID": "patient_id", "View Position": "view"})
    labels, scores = folder / "labels.csv", folder / "scores.csv"
    table[["image_id", "patient_id", "view", *findings]].to_csv(labels, index=False)
    probabilities = table[["image_id", *(f"prob_{name}" for name in findings)]]
    probabilities.rename(columns=lambda name: name.removeprefix("prob_")).to_csv(scores, index=False)
    sources = ImportSources(labels, {"densenet": scores}, images=source / "images256")
    return import_study(folder / "nih-621", "NIH ChestX-ray14, 621 films", sources).root
