"""Studies of any size with a planted truth: known labels and scores, patients with several films, one encoder.

At 377,110 films it is as large as MIMIC-CXR; a film is stored for the first few alone, as pictures are no part of what
is measured.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from core.findings import CLASSES
from core.study import StudyContents, write_study
from core.study.manifest import EncoderEntry, SettingEntry

SEPARATION: Final = {"zero_shot": 0.8, "linear_probe": 1.5, "fine_tune": 1.6}
"""Standard deviations between the films with a class and those without, by setting."""
FILMS_A_PATIENT: Final = 5.77
"""As in MIMIC-CXR, whose 377,110 films are of 65,379 patients."""
_N_STORED: Final = 24
_CLOUDS: Final = 6


def make_large_study(out: Path, n_films: int, *, n_dimensions: int = 512, seed: int = 0) -> Path:
    """A study of 14 classes and three settings: a twentieth of the patients to fit on, one to train, the others test.

    n_dimensions : of the embeddings, 512 as BiomedCLIP has: 377,110 films take 0.8 GB of disk for a while.
    """
    rng = np.random.default_rng(seed)
    patients = _patients(rng, n_films)
    share = rng.random(int(patients.max()) + 1)[patients]
    labels = planted_labels(rng, n_films)
    cloud = rng.integers(_CLOUDS, size=n_films)
    space = rng.standard_normal((n_films, n_dimensions), dtype=np.float32)
    space[:, :2] += 6 * np.stack([np.cos(cloud), np.sin(cloud)], axis=1).astype(np.float32)
    ids = [f"film-{row:06d}" for row in range(n_films)]
    stored = range(min(_N_STORED, n_films))
    images = pd.DataFrame(
        {
            "image_id": ids,
            "patient_id": [f"patient-{number:06d}" for number in patients.tolist()],
            "split": np.select([share < 0.05, share < 0.1], ["val", "train"], "test"),
            "view": np.where(rng.random(n_films) < 0.7, "frontal", "lateral"),
            "file": [f"images/{ids[row]}.png" for row in stored] + [None] * (n_films - len(stored)),
        }
    )
    contents = StudyContents(
        name=f"{n_films:,} films",
        classes=CLASSES,
        dataset={"name": "made-up", "version": 1, "seed": seed},
        synthetic=True,
        images=images,
        labels=pd.DataFrame({"image_id": ids, **dict(zip(CLASSES, labels.T, strict=True))}),
        settings={name: SettingEntry("logit", "frozen", None) for name in SEPARATION},
        scores={name: planted_scores(rng, labels, apart) for name, apart in SEPARATION.items()},
        encoders={"frozen": EncoderEntry(n_dimensions, normalised=False)},
        image_embeddings={"frozen": space},
        umaps={"frozen": {2: space[:, :2]}},
        licence="CC0 1.0",
        notice="Made-up scores.",
        extra={f"images/{ids[row]}.png": _film(rng) for row in stored},
    )
    return write_study(out, contents)


def planted_labels(rng: np.random.Generator, n_films: int) -> npt.NDArray[np.float64]:
    """(n, C) of {0, 1, NaN}: classes of half a film in a hundred to every second one, one label in 100 unread."""
    labels = (rng.random((n_films, len(CLASSES))) < np.geomspace(0.005, 0.5, len(CLASSES))).astype(np.float64)
    labels[rng.random(labels.shape) < 0.01] = np.nan
    return labels


def planted_scores(rng: np.random.Generator, labels: npt.NDArray[np.float64], apart: float) -> npt.NDArray[np.float32]:
    """(n, C) of which those of positive films lie higher by `apart` standard deviations, some of them tied."""
    scores = rng.standard_normal(labels.shape) + apart * np.nan_to_num(labels)
    return np.round(scores, 5).astype(np.float32)


def _patients(rng: np.random.Generator, n_films: int) -> npt.NDArray[np.int64]:
    """(n,) number of the patient of each film; films of a patient stand together."""
    starts = rng.random(n_films) < 1 / FILMS_A_PATIENT
    starts[0] = True
    return np.cumsum(starts) - 1


def _film(rng: np.random.Generator) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (64, 48), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
