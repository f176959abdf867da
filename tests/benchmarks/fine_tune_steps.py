"""A training that takes a step when it is told to, for `tests.benchmarks.fine_tune --before`; needs only `core`.

It runs as a script with PYTHONPATH at any checkout of the project, so that two of them are measured by turns.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import torch

from core.models.load import load_clip
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_training import fine_tune

STEPS_AN_EPOCH = 4


def main() -> None:
    """Prints "ready" after a first step, then a step's seconds, by the clock and of processors, for each line that it
    reads; at last its losses.
    """
    asked: dict[str, Any] = json.loads(sys.argv[1])
    torch.set_num_threads(asked["threads"])
    model = load_clip(asked["model"])
    n_films = asked["batch"] * STEPS_AN_EPOCH
    rng = np.random.default_rng(0)
    films = rng.integers(0, 256, (n_films, model.crop_px, model.crop_px), dtype=np.uint8)
    films[::2, : model.crop_px // 2] //= 2
    labels = (np.arange(n_films)[:, None] % np.arange(2, 16) == 0).astype(np.float64)
    begun: list[float] = []

    def told(done: int, total: int, what: str) -> None:
        now = time.perf_counter(), time.process_time()
        print(
            json.dumps([end - start for start, end in zip(begun, now, strict=True)] if begun else "ready"), flush=True
        )
        sys.stdin.readline()
        begun[:] = time.perf_counter(), time.process_time()

    options = FineTuneOptions(
        batch_size=asked["batch"], max_epochs=asked["epochs"], precision=asked["precision"], checkpointing=False
    )
    rows = np.arange(n_films)
    tuned = fine_tune(model, films, labels, rows, rows[:0], options, device="cpu", progress=told)
    precision = getattr(tuned, "precision", None)
    print(json.dumps([[epoch.train_loss for epoch in tuned.history], precision and precision.reason]), flush=True)


if __name__ == "__main__":
    main()
