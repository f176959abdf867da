"""Fine-tuning's films a second: against another checkout of the project on a CPU, and as the paper did it on a GPU.

`python -m tests.benchmarks.fine_tune --before DIR [--model phantom] [--batch 24] [--pairs 6] [--precision bf16]
[--threads 2]`: steps of the loop in DIR and of this one by turns, in one run; films a second of each, by the clock and,
where others work on the same machine, by the seconds of processors; the median of the pairs' ratios, and how far the
loss curves lie apart. The model is BiomedCLIP's full architecture with random weights, or the phantom's. A precision is
for this loop; without one it chooses by itself.

`python -m tests.benchmarks.fine_tune [--films 2670] [--epochs 10]`: BiomedCLIP's full architecture with random weights,
made-up films of 224 x 224 and labels, the paper's recipe (batches of 24, AdamW, cosine) with all epochs run: random
labels would stop it early. 575 validation films more are looked at after every epoch. Without a GPU that torch can use
it says so, takes a few steps with a tiny model to show that the code runs, and ends with 0.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.findings import CLASSES
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.paper.published import OVERALL
from core.paths import PROJECT
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_training import FineTuned, fine_tune
from tests.benchmarks import fine_tune_steps
from tests.models.biomedclip import make_biomedclip
from tests.models.tiny import make_tiny_clip

N_TRAIN, N_VAL = 2670, 575
PAPER_MINUTES = OVERALL["fine_tune"].minutes
TINY = {"films": 48, "epochs": 2}

LEAST_GAIN = 1.3
BF16_ERROR = 2.0**-8
"""Half the distance of neighbours, as a share of a number: what rounding to bf16 changes at most."""


def main() -> None:
    """Prints what it took; ends with 1 where the loop before is not beaten."""
    parser = argparse.ArgumentParser(description="Fine-tuning's films a second.")
    parser.add_argument("--films", type=int, default=N_TRAIN)
    parser.add_argument("--epochs", type=int, default=FineTuneOptions().max_epochs)
    parser.add_argument("--before", type=Path, help="another checkout of the project")
    parser.add_argument("--model", choices=("biomedclip", "phantom"), default="biomedclip")
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--precision", choices=("fp32", "bf16"))
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.before is not None:
            sys.exit(_against(args, Path(folder)))
        if not torch.cuda.is_available():
            print("There is no GPU that torch can use, so nothing is measured; a tiny model shows that the code runs.")
            model = load_clip(make_tiny_clip(Path(folder) / "tiny"))
            print(_said(*_trained(model, TINY["films"], TINY["films"] // 4, TINY["epochs"])))
            return
        model = load_clip(make_biomedclip(Path(folder) / "biomedclip"), device="cuda")
        _trained(model, 2 * FineTuneOptions().batch_size, 0, 1)  # to warm up
        torch.cuda.reset_peak_memory_stats()
        tuned, n_trained, seconds = _trained(model, args.films, round(args.films * N_VAL / N_TRAIN), args.epochs)
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}: {_said(tuned, n_trained, seconds)}")
    print(f"peak memory {torch.cuda.max_memory_allocated() / 1e9:.1f} GB; the paper: {PAPER_MINUTES} minutes")


class _Steps:
    """A training in a process of its own, which takes a step when it is told to."""

    def __init__(self, checkout: Path, asked: dict[str, Any]) -> None:
        script = Path(fine_tune_steps.__file__)
        found = os.pathsep.join([str(checkout.resolve()), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        self._process = subprocess.Popen(
            [sys.executable, str(script), json.dumps(asked)], cwd=checkout, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": found},
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        assert self._said() == "ready"

    def _said(self) -> Any:
        return json.loads(self._from.readline())

    def step(self) -> tuple[float, float]:
        """The seconds of one: by the clock, and of all processors together."""
        print(file=self._to, flush=True)
        clock, processors = self._said()
        return clock, processors

    def losses(self) -> tuple[list[float], str | None]:
        """By epoch, when all steps are taken; and why it computed in its precision."""
        print(file=self._to, flush=True)
        losses, reason = self._said()
        return losses, reason


def _against(args: argparse.Namespace, scratch: Path) -> int:
    model = "phantom-clip" if args.model == "phantom" else str(make_biomedclip(scratch / "biomedclip"))
    epochs = -(-(args.pairs + 1) // fine_tune_steps.STEPS_AN_EPOCH)
    n_pairs = epochs * fine_tune_steps.STEPS_AN_EPOCH - 1
    asked = {"model": model, "batch": args.batch, "epochs": epochs, "threads": args.threads}
    before = _Steps(args.before, {**asked, "precision": None})
    after = _Steps(PROJECT, {**asked, "precision": args.precision})
    seconds = np.array([(before.step(), after.step()) for _ in range(n_pairs)])
    (old, _), (new, reason) = before.losses(), after.losses()
    print(f"{args.model}, batches of {args.batch}, {args.threads} threads, {n_pairs} pairs. {reason}")
    for column, what in enumerate(("by the clock", "of processors")):
        rates = args.batch / np.median(seconds[..., column], axis=0)
        ratios = seconds[:, 0, column] / seconds[:, 1, column]
        print(f"films a second {what}: before {rates[0]:.2f}, now {rates[1]:.2f}")
        said = f"{np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})"
        print(f"  ratio, median of pairs {said}, to be at least {LEAST_GAIN}")
    gain = float(np.median(seconds[:, 0, 0] / seconds[:, 1, 0]))
    apart = max(abs(a / b - 1) for a, b in zip(new, old, strict=True))
    print(f"losses before {[round(loss, 5) for loss in old]}, now {[round(loss, 5) for loss in new]}")
    print(f"apart by {apart:.5f} of themselves at most, to be at most {BF16_ERROR:.5f}")
    return int(gain < LEAST_GAIN or apart > BF16_ERROR)


def _trained(model: ClipModel, n_train: int, n_val: int, epochs: int) -> tuple[FineTuned, int, float]:
    """The model trained on made-up films, how many films it was trained on in all, and seconds."""
    rng, n_films = np.random.default_rng(0), n_train + n_val
    films = rng.integers(0, 256, (n_films, model.crop_px, model.crop_px), dtype=np.uint8)
    labels = rng.integers(0, 2, (n_films, len(CLASSES))).astype(np.float64)
    options = FineTuneOptions(max_epochs=epochs, patience=epochs)
    begun = time.perf_counter()
    tuned = fine_tune(
        model, films, labels, np.arange(n_train), np.arange(n_train, n_films), options, device=str(model.device)
    )
    return tuned, n_train * len(tuned.history), time.perf_counter() - begun


def _said(tuned: FineTuned, n_trained: int, seconds: float) -> str:
    epochs = len(tuned.history)
    rate = n_trained / seconds
    return f"{epochs} epochs in {seconds / 60:.2f} minutes ({seconds:.1f} s), {rate:.1f} training films a second"


if __name__ == "__main__":
    main()
