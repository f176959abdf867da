"""A few phantom films in a study with one setting: a probe that learnt from devices alone, and calls it pneumothorax.

It is trained on films of other patients and their twins: 1 with devices, 0 without, a pneumothorax or not.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.datasets.phantom.dataset import PhantomDataset
from core.datasets.phantom.twins import PhantomRenderer
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.paths import CHECKPOINTS
from core.settings.head import HEAD, LinearHead
from core.study import layout
from core.study.contents import StudyContents, label_frame
from core.study.manifest import EncoderEntry, SettingEntry
from core.study.open import open_study
from core.study.read import Study
from core.study.write import write_study

CLASSES = ("Pneumothorax", "Support Devices")
SETTING = "devices_only"
N_LEARNT = 16


def planted_study(out: Path, n_films: int = 12) -> Study:
    """Writes the study: four films of test that show a class, and the first that show none."""
    dataset = PhantomDataset()
    renderer, model = PhantomRenderer(dataset), load_clip(CHECKPOINTS / "phantom-clip")
    split = dataset.images["split"].to_numpy()
    columns = [dataset.card.classes.index(name) for name in CLASSES]
    shows, test = (dataset.labels[:, columns] == 1).any(axis=1), split == "test"
    rows = np.sort(np.r_[np.flatnonzero(test & shows)[:4], np.flatnonzero(test & ~shows)[: n_films - 4]])
    others = np.flatnonzero(split == "train")[:N_LEARNT]
    ids = [str(dataset.images["image_id"].iloc[row]) for row in others]
    learnt = _learnt(*(_steps(renderer, model, ids, name) for name in ("Support Devices", "Pneumothorax")))
    head = LinearHead(np.stack([learnt, learnt]), np.zeros(len(CLASSES), np.float32))
    embeddings = model.encode_images([dataset.film(row) for row in rows])
    images = dataset.images.iloc[rows].reset_index(drop=True)
    labels = dataset.labels[rows][:, columns]
    contents = StudyContents(
        name="Devices called pneumothorax",
        classes=CLASSES,
        dataset={"name": dataset.card.name, **dataset.card.origin},
        synthetic=True,
        images=images,
        labels=label_frame(images["image_id"].tolist(), CLASSES, labels),
        model={"name": model.name, "source": str(model.folder), "sha256": model.sha256, "crop_px": model.crop_px},
        settings={SETTING: SettingEntry("logit", "frozen")},
        scores={SETTING: head.logits(embeddings)},
        encoders={"frozen": EncoderEntry(model.n_dimensions, False)},
        image_embeddings={"frozen": embeddings},
        notice="Synthetic films. Not for clinical use.",
        extra={layout.setting_part(SETTING, HEAD): head.to_bytes()},
    )
    return open_study(write_study(out, contents))


def _learnt(devices: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The weights (d,) of a ridge regression: 1 for every step that devices make, 0 for the others."""
    steps, targets = np.concatenate([devices, others]).astype(np.float64), np.repeat([1.0, 0.0], len(devices))
    squares = steps.T @ steps
    ridge = 0.1 * np.trace(squares) / len(squares)
    return np.linalg.solve(squares + ridge * np.eye(len(squares)), steps.T @ targets).astype(np.float32)


def _steps(renderer: PhantomRenderer, model: ClipModel, image_ids: list[str], finding: str) -> np.ndarray:
    """The steps (n, d) of the embedding that a finding makes."""
    shown = [renderer.shown(image_id) for image_id in image_ids]
    sides = [
        model.encode_images([renderer.take(name, asked).pixels for name, asked in zip(image_ids, films, strict=True)])
        for films in ([asked.with_finding(finding) for asked in shown], [asked.without(finding) for asked in shown])
    ]
    return np.asarray(sides[0] - sides[1])
