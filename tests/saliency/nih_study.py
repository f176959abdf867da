"""Real films with radiologists' polygons, in a study of a model with random weights: the frozen tower and a shaken one.

`python -m tests.saliency.nih_study OUT` writes it with BiomedCLIP's architecture at full size and all 49 films.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from core.annotations.annotation import Annotation, canonical
from core.findings import CLASSES
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.settings.fine_tune_training import FineTuned
from core.settings.tower import embed_with
from core.settings.zero_shot import prompts_for, zero_shot_margins
from core.study.contents import StudyContents
from core.study.manifest import EncoderEntry, SettingEntry
from core.study.open import open_study
from core.study.read import Study
from core.study.write import write_study
from tests.saliency.made_study import random_head, shaken_visual

SIZE = 1024
NAMES = {
    "Effusion": "Pleural Effusion",
    "Nodule": "Lung Lesion",
    "Mass": "Lung Lesion",
    "Pleural_Thickening": "Pleural Other",
}


def nih_study(real_data: Path, model: ClipModel, out: Path, *, n_annotated: int | None = None) -> Study:
    """The study at `out`: all films, or the first few that have polygons of a class."""
    source = real_data / "nih-radiologist-masks"
    records = json.loads((source / "annotations.json").read_text())
    marks = [mark for record in records for mark in _marks(record)]
    if n_annotated is not None:
        ids = list(dict.fromkeys(mark.image_id for mark in marks if mark.finding in CLASSES))[:n_annotated]
        records = [record for record in records if record["image"] in ids]
        marks = [mark for mark in marks if mark.image_id in ids]
    films = [np.asarray(Image.open(source / "images" / record["image"]).convert("L")) for record in records]
    return _written(records, films, marks, model, source / "images", out)


def _marks(record: dict[str, Any]) -> list[Annotation]:
    """One annotation a polygon."""
    drawn = record.get("chestx_det") or {"syms": [], "polygons": []}
    return [
        Annotation(
            record["image"],
            NAMES.get(finding, finding),
            "ChestX-Det",
            "polygon",
            SIZE,
            SIZE,
            canonical([np.ravel(ring).tolist()]),
        )
        for finding, ring in zip(drawn["syms"], drawn["polygons"], strict=True)
    ]


def _written(
    records: Sequence[dict[str, Any]],
    films: Sequence[np.ndarray],
    marks: Sequence[Annotation],
    model: ClipModel,
    root: Path,
    out: Path,
) -> Study:
    prompts = prompts_for(CLASSES)
    texts = model.encode_texts([prompt.text for prompt in prompts])
    images = model.encode_images(films)
    probe = random_head(model.n_dimensions, seed=1)
    tuned = FineTuned(shaken_visual(model), random_head(model.n_dimensions, seed=2), 0.1)
    tuned.save(out.parent / "tuned")
    tuned_images = embed_with(tuned.visual(model), np.stack([model.transform.crop(film) for film in films]))
    contents = StudyContents(
        name="NIH films with polygons, random weights",
        classes=CLASSES,
        dataset={"name": "nih"},
        images=_images(records),
        labels=_labels(records),
        model={"name": model.name, "source": str(model.folder), "sha256": model.sha256, "crop_px": model.crop_px},
        settings={
            "zero_shot": SettingEntry("margin", "frozen"),
            "linear_probe": SettingEntry("logit", "frozen"),
            "fine_tune": SettingEntry("logit", "fine_tuned"),
        },
        scores={
            "zero_shot": zero_shot_margins(images, texts, prompts, CLASSES),
            "linear_probe": probe.logits(images),
            "fine_tune": tuned.head.logits(tuned_images),
        },
        encoders={name: EncoderEntry(model.n_dimensions, False) for name in ("frozen", "fine_tuned")},
        image_embeddings={"frozen": images, "fine_tuned": tuned_images},
        text_embeddings={"frozen": texts},
        prompts=prompts,
        annotations=marks,
        images_root=str(root),
        notice="A model with random weights: it knows nothing of films.",
        extra={
            "settings/linear_probe/head.safetensors": probe.to_bytes(),
            "settings/fine_tune/head.safetensors": out.parent / "tuned" / "head.safetensors",
            "settings/fine_tune/visual.safetensors": out.parent / "tuned" / "visual.safetensors",
        },
    )
    return open_study(write_study(out, contents))


def _images(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "image_id": [record["image"] for record in records],
            "patient_id": [str(record["patient"]) for record in records],
            "split": "test",
            "height_px": pd.array([SIZE] * len(records), dtype="Int32"),
            "width_px": pd.array([SIZE] * len(records), dtype="Int32"),
            "file": [record["image"] for record in records],
        }
    )


def _labels(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    read = [{NAMES.get(name, name) for name in record["nih_labels"]} for record in records]
    columns = {name: [int(name in found) for found in read] for name in CLASSES}
    return pd.DataFrame({"image_id": [record["image"] for record in records], **columns})


if __name__ == "__main__":
    from tests.conftest import PROJECT
    from tests.models.biomedclip import make_biomedclip

    target = Path(sys.argv[1]).resolve()
    folder = target.parent / "biomedclip-random"
    built = load_clip(folder if folder.is_dir() else make_biomedclip(folder))
    print(nih_study(PROJECT.parent / "shared" / "data", built, target).root)
