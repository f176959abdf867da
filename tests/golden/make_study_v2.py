"""Makes tests/golden/study_v2: the films of version 1, with what three radiologists and their reports said of them.

Run `python -m tests.golden.make_study_v2 DIR`. The study in the repository is not made again for a new schema version:
it shows that studies of version 2 still open. A new version gets a golden study of its own.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np

from core.findings import CLASSES
from core.labels.convention import Convention
from core.labels.readings import NEGATIVE, NOT_LOOKED_AT, NOT_MENTIONED, POSITIVE, UNCERTAIN, Int8Array, Readings
from core.study.contents import StudyContents, label_frame
from core.study.write import write_study
from tests.golden.make_study_v1 import IDS, N_FILMS, golden_contents

STUDY = Path(__file__).resolve().parent / "study_v2"

CONVENTION = Convention("negative", "left out", "majority", "radiologists")
RADIOLOGISTS = ("R1", "R2", "R3")


def golden_readings() -> Readings:
    """What was said; the same on every call.

    Three radiologists: R1 read all films, R2 all but the last, R3 the first six; and of all films but one the reports,
    which mention little. Every code there is.
    """
    rng = np.random.default_rng(2)
    truth = golden_contents().labels[list(CLASSES)].fillna(0).to_numpy(dtype=np.int8)
    seen = {"R1": range(N_FILMS), "R2": range(N_FILMS - 1), "R3": range(N_FILMS // 2)}
    rows = [(film, "radiologists", reader, _read(truth[film], rng)) for reader in RADIOLOGISTS for film in seen[reader]]
    rows += [(film, "reports", "", _reported(truth[film], rng)) for film in range(N_FILMS) if film != 7]
    films, sources, readers, codes = zip(*rows, strict=True)
    return Readings(CLASSES, np.array(films), np.array(sources), np.array(readers), np.stack(codes))


def _read(truth: Int8Array, rng: np.random.Generator) -> Int8Array:
    """A reader who errs in one of eight, is uncertain in one of twelve, and leaves one of twenty unlooked at."""
    said = np.where(rng.random(truth.shape) < 1 / 8, 1 - truth, truth)
    said = np.where(rng.random(truth.shape) < 1 / 12, UNCERTAIN, said)
    return np.where(rng.random(truth.shape) < 1 / 20, NOT_LOOKED_AT, said).astype(np.int8)


def _reported(truth: Int8Array, rng: np.random.Generator) -> Int8Array:
    """A report: what is there is mentioned, of the rest one in five."""
    negative = np.where(rng.random(truth.shape) < 1 / 5, NEGATIVE, NOT_MENTIONED)
    return np.where(truth == POSITIVE, POSITIVE, negative).astype(np.int8)


def golden_contents_v2() -> StudyContents:
    """The contents; the same on every call."""
    readings = golden_readings()
    return dataclasses.replace(
        golden_contents(),
        name="Golden study, version 2",
        dataset={"name": "golden", "version": "2", "seed": 2},
        labels=label_frame(IDS, CLASSES, readings.resolve(N_FILMS, CONVENTION)),
        readings=readings,
        convention=CONVENTION,
    )


if __name__ == "__main__":
    print(write_study(Path(sys.argv[1]), golden_contents_v2()))
