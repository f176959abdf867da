"""The tiny model, and a study of it with all three settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.findings import CLASSES
from core.models.clip_model import ClipModel
from core.settings.fine_tune_training import FineTuned
from core.settings.tower import embed_with
from core.settings.zero_shot import prompts_for, zero_shot_margins
from core.study.contents import StudyContents
from core.study.manifest import EncoderEntry, SettingEntry
from core.study.open import open_study
from core.study.read import Study
from core.study.write import write_study
from tests.models.conftest import no_network, one_thread, tiny, tiny_folder
from tests.models.tiny import random_films
from tests.saliency.made_study import random_head, shaken_visual

__all__ = ["no_network", "one_thread", "tiny", "tiny_folder"]

N_FILMS = 6


@pytest.fixture(scope="session")
def study(tiny: ClipModel, tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Six random films; the classifiers are random, the fine-tuned tower is the frozen one, shaken."""
    root = tmp_path_factory.mktemp("study")
    prompts = prompts_for(CLASSES)
    texts = tiny.encode_texts([prompt.text for prompt in prompts])
    images = tiny.encode_images(random_films(N_FILMS))
    probe = random_head(tiny.n_dimensions, seed=1)
    tuned = FineTuned(shaken_visual(tiny), random_head(tiny.n_dimensions, seed=2), 0.1)
    tuned.save(root / "tuned")
    crops = np.stack([tiny.transform.crop(film) for film in random_films(N_FILMS)])
    tuned_images = embed_with(tuned.visual(tiny), crops)
    ids = [f"film{row}" for row in range(N_FILMS)]
    contents = StudyContents(
        name="tiny study",
        classes=CLASSES,
        dataset={"name": "noise"},
        synthetic=True,
        images=pd.DataFrame({"image_id": ids, "patient_id": ids, "split": "test"}),
        labels=pd.DataFrame({"image_id": ids, **{name: [0] * N_FILMS for name in CLASSES}}),
        model={"name": "tiny-clip", "source": str(tiny_folder), "sha256": tiny.sha256, "crop_px": tiny.crop_px},
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
        encoders={name: EncoderEntry(tiny.n_dimensions, False) for name in ("frozen", "fine_tuned")},
        image_embeddings={"frozen": images, "fine_tuned": tuned_images},
        text_embeddings={"frozen": texts},
        prompts=prompts,
        extra={
            "settings/linear_probe/head.safetensors": probe.to_bytes(),
            "settings/fine_tune/head.safetensors": root / "tuned" / "head.safetensors",
            "settings/fine_tune/visual.safetensors": root / "tuned" / "visual.safetensors",
        },
    )
    return open_study(write_study(root / "study", contents))
