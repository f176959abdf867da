"""A study that holds embeddings and their maps, and neither films nor scores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.findings import CLASSES
from core.study import StudyContents, write_study
from core.study.manifest import EncoderEntry


def make_embeddings_only(out: Path, *, n_films: int = 300, n_dimensions: int = 8, seed: int = 0) -> Path:
    """Films in three planted clouds, one for each of the first two classes and one for No Finding."""
    return write_study(out, embeddings_only(n_films, n_dimensions, seed))


def embeddings_only(n_films: int, n_dimensions: int = 8, seed: int = 0) -> StudyContents:
    """The contents of such a study; films of the same cloud lie together on the map too."""
    rng = np.random.default_rng(seed)
    cloud = rng.integers(3, size=n_films)
    labels = np.zeros((n_films, len(CLASSES)))
    labels[np.arange(n_films), np.array([0, 1, len(CLASSES) - 1])[cloud]] = 1
    space = rng.standard_normal((n_films, n_dimensions), dtype=np.float32)
    space[:, :2] += 6 * np.array([[0, 0], [1, 0], [0.5, 1]], np.float32)[cloud]
    ids = [f"film-{row:06d}" for row in range(n_films)]
    contents = StudyContents(
        name="Embeddings only",
        classes=CLASSES,
        dataset={"name": "made-up", "version": 1},
        synthetic=True,
        images=pd.DataFrame(
            {
                "image_id": ids,
                "patient_id": [f"patient-{row // 2:06d}" for row in range(n_films)],
                "split": ["test"] * n_films,
            }
        ),
        labels=pd.DataFrame({"image_id": ids, **dict(zip(CLASSES, labels.T, strict=True))}),
        licence="CC0 1.0",
    )
    return replace(
        contents,
        encoders={"frozen": EncoderEntry(n_dimensions, normalised=False)},
        image_embeddings={"frozen": space},
        umaps={"frozen": {2: space[:, :2]}},
    )
