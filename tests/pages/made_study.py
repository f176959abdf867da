"""A study of made-up films, scores and embeddings with every part, small enough for page tests."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from core.annotations.annotation import Annotation, annotation_from_mask
from core.findings import CLASSES, PUBLISHED_POSITIVES
from core.study import StudyContents, write_study
from core.study.manifest import EncoderEntry, SettingEntry

SEPARATION = {"zero_shot": 0.6, "linear_probe": 1.4, "fine_tune": 1.9}
KINDS = {"zero_shot": "margin", "linear_probe": "logit", "fine_tune": "logit"}
N_FILMS_STORED = 24
HEIGHT, WIDTH = 180, 140


def make_study(out: Path, *, n_films: int = 600, seed: int = 0, classes: tuple[str, ...] = CLASSES) -> Path:
    """A study with three settings, two encoders, maps, a few non-square films and masks of two readers.

    classes : names in place of the published ones, as many.
    """
    rng = np.random.default_rng(seed)
    ids = [f"film-{row:04d}" for row in range(n_films)]
    split = np.array(["train"] * int(0.6 * n_films) + ["val"] * int(0.2 * n_films))
    split = np.concatenate([split, np.array(["test"] * (n_films - len(split)))])
    labels = _labels(rng, n_films)
    stored = np.flatnonzero(split == "test")[:N_FILMS_STORED]
    spaces = {name: _embeddings(rng, labels, spread) for name, spread in (("frozen", 0.9), ("fine_tuned", 2.0))}
    return write_study(
        out,
        StudyContents(
            name="Made-up films",
            classes=classes,
            dataset={"name": "made-up", "version": 1, "seed": seed},
            synthetic=True,
            images=_images(ids, split, stored, n_films),
            labels=pd.DataFrame({"image_id": ids, **dict(zip(classes, labels.T, strict=True))}),
            settings={
                name: SettingEntry(
                    KINDS[name],
                    "fine_tuned" if name == "fine_tune" else "frozen",
                    None if name == "zero_shot" else 3.2 * (1 + SEPARATION[name]),
                )
                for name in SEPARATION
            },
            scores={name: _scores(rng, labels, name) for name in SEPARATION},
            encoders={name: EncoderEntry(16, normalised=False) for name in spaces},
            image_embeddings=spaces,
            umaps={name: {2: space[:, :2] + 0.3 * space[:, 2:4]} for name, space in spaces.items()},
            annotations=[annotation for row in stored for annotation in _drawn(ids[row], labels[row], classes)],
            licence="CC0 1.0",
            notice="Made-up films for tests.",
            extra={f"images/{ids[row]}.png": _film(rng) for row in stored},
        ),
    )


def _labels(rng: np.random.Generator, n_films: int) -> np.ndarray:
    """(n, C) of {0, 1, NaN}; about the published prevalences, two labels unread."""
    shares = np.array([PUBLISHED_POSITIVES[name] / 3818 for name in CLASSES[:-1]])
    labels = (rng.random((n_films, 13)) < shares).astype(float)
    labels = np.column_stack([labels, ~labels.any(axis=1)])
    labels[3, 2] = labels[n_films - 4, 5] = np.nan
    return labels


def _scores(rng: np.random.Generator, labels: np.ndarray, setting: str) -> np.ndarray:
    noise = rng.normal(size=labels.shape)
    scores = noise + SEPARATION[setting] * np.nan_to_num(labels)
    if KINDS[setting] == "margin":
        return (0.04 * scores + 0.05).astype(np.float32)
    return (1.2 * scores - 2.5).astype(np.float32)


def _embeddings(rng: np.random.Generator, labels: np.ndarray, spread: float) -> np.ndarray:
    directions = rng.normal(size=(labels.shape[1], 16))
    return (rng.normal(size=(len(labels), 16)) + spread * np.nan_to_num(labels) @ directions).astype(np.float32)


def _images(ids: list[str], split: np.ndarray, stored: np.ndarray, n_films: int) -> pd.DataFrame:
    has_film = np.isin(np.arange(n_films), stored)
    return pd.DataFrame(
        {
            "image_id": ids,
            "patient_id": [f"patient-{row // 2 * 2:04d}" for row in range(n_films)],
            "split": split,
            "view": "frontal",
            "height_px": pd.array([HEIGHT] * n_films, dtype="Int32"),
            "width_px": pd.array([WIDTH] * n_films, dtype="Int32"),
            "file": [f"images/{image_id}.png" if has else None for image_id, has in zip(ids, has_film, strict=True)],
        }
    )


def _film(rng: np.random.Generator) -> bytes:
    """A grey PNG: two dark fields on a bright ground."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    dark = sum(np.exp(-(((x - cx) / 24) ** 2 + ((y - 85) / 55) ** 2)) for cx in (42, 98))
    film = 190 - 150 * dark + rng.normal(scale=6, size=dark.shape)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(film, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def _drawn(image_id: str, labels: np.ndarray, classes: tuple[str, ...]) -> list[Annotation]:
    """For each finding of a film a mask of one reader and a box of another, partly outside the central square."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    annotations = []
    for index in np.flatnonzero(labels[:13] == 1):
        centre = (20 + 10 * index, 40 + 5 * index)
        mask = ((y - centre[0]) / 22) ** 2 + ((x - centre[1]) / 16) ** 2 < 1
        box = f"[{centre[1] - 18},{max(centre[0] - 20, 0)},36,40]"
        annotations.append(annotation_from_mask(image_id, classes[index], "reader A", mask))
        annotations.append(Annotation(image_id, classes[index], "reader B", "box", HEIGHT, WIDTH, box))
    return annotations
