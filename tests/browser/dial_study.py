"""A made-up study of two sources of labels, for what a truth dial turns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.findings import CLASSES
from core.labels.convention import Convention
from core.labels.readings import NOT_MENTIONED, UNCERTAIN, Readings
from core.study import StudyContents, write_study
from core.study.contents import label_frame
from core.study.manifest import SettingEntry

WRITTEN = Convention("negative", "negative", "any", "reports")


def write_dial_study(out: Path, n_films: int = 400) -> Path:
    """Write it; see `dial_contents`."""
    return write_study(out, dial_contents(n_films))


def dial_contents(n_films: int) -> StudyContents:
    """Reports that mention half of what is there and are uncertain of a tenth, and a room of three readers.

    Every film is a patient of its own; two thirds are test, the others val.
    """
    rng = np.random.default_rng(5)
    truth = (rng.random((n_films, len(CLASSES))) < np.geomspace(0.02, 0.5, len(CLASSES))).astype(np.int8)
    reports = np.where(rng.random(truth.shape) < 0.5, truth, 0)
    reports = np.where((reports == 0) & (rng.random(truth.shape) < 0.7), NOT_MENTIONED, reports)
    reports = np.where(rng.random(truth.shape) < 0.1, UNCERTAIN, reports)
    room = [np.where(rng.random(truth.shape) < 0.1, 1 - truth, truth) for _ in range(3)]
    readings = Readings(
        CLASSES,
        np.tile(np.arange(n_films), 4),
        np.repeat(["reports", "room", "room", "room"], n_films),
        np.repeat(["", "R1", "R2", "R3"], n_films),
        np.concatenate([reports, *room]).astype(np.int8),
    )
    ids = [f"film-{row:05d}" for row in range(n_films)]
    split = np.where(np.arange(n_films) % 3 == 0, "val", "test")
    scores = {name: rng.normal(size=truth.shape) + gain * truth for name, gain in (("first", 1.0), ("second", 2.0))}
    return StudyContents(
        name="Two sources of labels",
        classes=CLASSES,
        dataset={"name": "made-up", "version": 1},
        synthetic=True,
        images=pd.DataFrame({"image_id": ids, "patient_id": ids, "split": split}),
        labels=label_frame(ids, CLASSES, readings.resolve(n_films, WRITTEN)),
        settings={name: SettingEntry("logit") for name in scores},
        scores={name: values.astype(np.float32) for name, values in scores.items()},
        readings=readings,
        convention=WRITTEN,
        licence="CC0 1.0",
        notice="Made-up scores.",
    )
