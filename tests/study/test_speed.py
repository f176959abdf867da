"""Opening is quick at the size of IU-Xray: 3,818 films in three settings and two encoders."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd

from core.annotations.annotation import annotation_from_mask
from core.findings import CLASSES
from core.settings.registry import names
from core.study import StudyContents, open_study, write_study
from core.study.manifest import EncoderEntry, SettingEntry

N_FILMS, N_ANNOTATED = 3818, 1000


def test_opening_3818_films(tmp_path: Path) -> None:
    """About 0.1 s on two cores; the limit leaves room for a busy machine, and the best of five is taken."""
    root = write_study(tmp_path / "study", _contents())
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        study = open_study(root)
        assert len(study.labels) == N_FILMS
        assert study.fingerprint
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.3, seconds


def _contents() -> StudyContents:
    rng = np.random.default_rng(0)
    ids = [f"film-{number:05d}" for number in range(N_FILMS)]
    rows = rng.normal(size=(N_FILMS, 512))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    mask = np.zeros((512, 480), dtype=bool)
    mask[10:200, 30:90] = True
    encoders = ("frozen", "fine_tuned")
    return StudyContents(
        name="speed",
        classes=CLASSES,
        dataset={"name": "speed"},
        images=pd.DataFrame(
            {
                "image_id": ids,
                "patient_id": ids,
                "split": ["train"] * 2670 + ["val"] * 575 + ["test"] * 573,
                "height_px": 512,
                "width_px": 480,
                "file": [f"images/{image_id}.png" for image_id in ids],
            }
        ),
        labels=pd.DataFrame({"image_id": ids, **{name: rng.integers(0, 2, N_FILMS) for name in CLASSES}}),
        settings={setting: SettingEntry("logit", "frozen") for setting in names()},
        scores={setting: rng.normal(size=(N_FILMS, 14)) for setting in names()},
        encoders=dict.fromkeys(encoders, EncoderEntry(512, True)),
        image_embeddings=dict.fromkeys(encoders, rows),
        umaps={name: {2: rows[:, :2]} for name in encoders},
        annotations=[annotation_from_mask(image_id, "Edema", "truth", mask) for image_id in ids[:N_ANNOTATED]],
        extra={f"images/{image_id}.png": b"a film" for image_id in ids},
    )
