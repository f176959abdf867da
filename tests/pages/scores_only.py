"""A study of made-up scores of any classes, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.study import StudyContents, write_study
from core.study.manifest import SettingEntry


def make_scores_only(
    out: Path, classes: Sequence[str], *, n_films: int = 240, seed: int = 0, setting: str = "zero_shot"
) -> Path:
    """Half of the films to fit on, half to read; about a third of each class positive."""
    rng = np.random.default_rng(seed)
    ids = [f"film-{row:04d}" for row in range(n_films)]
    labels = (rng.random((n_films, len(classes))) < 0.3).astype(float)
    return write_study(
        out,
        StudyContents(
            name=out.name,
            classes=tuple(classes),
            dataset={"name": "made-up", "version": 1},
            synthetic=True,
            images=pd.DataFrame(
                {"image_id": ids, "patient_id": ids, "split": np.where(np.arange(n_films) % 2, "test", "val")}
            ),
            labels=pd.DataFrame({"image_id": ids, **dict(zip(classes, labels.T, strict=True))}),
            settings={setting: SettingEntry("logit", None, None)},
            scores={setting: (rng.normal(size=labels.shape) + 1.5 * labels).astype(np.float32)},
            licence="CC0 1.0",
        ),
    )
