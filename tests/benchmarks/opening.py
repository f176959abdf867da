"""Opening a study of IU-Xray's size, every check made, against reading the same files by the libraries alone.

`python -m tests.benchmarks.opening [--rounds 15]`: 3,818 films in all settings, two encoders. The libraries hash what
opening hashes, and read the tables (pandas) and the arrays (NumPy, mapped); what they leave out is every check: that
tables agree, values are in range, embeddings of unit length. Pairs alternate; medians and their ratio are printed.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from core.annotations.annotation import annotation_from_mask
from core.findings import CLASSES
from core.settings import registry
from core.study import StudyContents, open_study, write_study
from core.study.manifest import EncoderEntry, SettingEntry
from core.study.sound import LARGE_BYTES

N_FILMS, N_ANNOTATED = 3818, 1000
LIMIT = 1.5


def main() -> None:
    """Print both medians and their ratio; end with 1 where the ratio is above the limit."""
    parser = argparse.ArgumentParser(description="Opening a study against reading its files.")
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        written = write_study(Path(folder) / "study", _contents())
        for number in range(rounds + 1):  # each time other files: what is known of one is not asked for again
            root = Path(shutil.copytree(written, Path(folder) / f"study-{number}"))
            time.sleep(0.2)  # what was written just now is not known
            begun = time.perf_counter()
            _read(root)
            read = time.perf_counter()
            study = open_study(root)
            opened = time.perf_counter()
            assert len(study.labels) == N_FILMS
            assert study.fingerprint
            if number:  # the first imports what is needed
                theirs.append(read - begun)
                ours.append(opened - read)
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"read: median {statistics.median(theirs):.3f} s; opened: median {statistics.median(ours):.3f} s")
    print(f"ratio {ratio:.2f} (limit {LIMIT})")
    raise SystemExit(ratio > LIMIT)


def _read(root: Path) -> None:
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.parent.name != "images":
            if path.stat().st_size <= LARGE_BYTES:
                with path.open("rb") as file:
                    hashlib.file_digest(file, "sha256").hexdigest()
            if path.suffix == ".parquet":
                pd.read_parquet(path)
            elif path.suffix == ".npy":
                np.load(path, mmap_mode="r")


def _contents() -> StudyContents:
    rng = np.random.default_rng(0)
    ids = [f"film-{number:05d}" for number in range(N_FILMS)]
    rows = rng.normal(size=(N_FILMS, 512))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    mask = np.zeros((512, 480), dtype=bool)
    mask[10:200, 30:90] = True
    names = ("frozen", "fine_tuned")
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
        settings={setting: SettingEntry("logit", "frozen") for setting in registry.names()},
        scores={setting: rng.normal(size=(N_FILMS, 14)) for setting in registry.names()},
        encoders=dict.fromkeys(names, EncoderEntry(512, True)),
        image_embeddings=dict.fromkeys(names, rows),
        umaps={name: {2: rows[:, :2]} for name in names},
        annotations=[annotation_from_mask(image_id, "Edema", "truth", mask) for image_id in ids[:N_ANNOTATED]],
        extra={f"images/{image_id}.png": b"a film" for image_id in ids},
    )


if __name__ == "__main__":
    main()
