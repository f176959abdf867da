"""Fine-tuning as the paper did it, on a GPU: minutes, films a second, peak memory, beside the paper's minutes.

`python -m tests.benchmarks.fine_tune [--films 2670] [--epochs 10]`: BiomedCLIP's full architecture with random weights,
made-up films of 224 x 224 and labels, the paper's recipe (batches of 24, AdamW, cosine) with all epochs run: random
labels would stop it early. 575 validation films more are looked at after every epoch. Without a GPU that torch can use
it says so, takes a few steps with a tiny model to show that the code runs, and ends with 0.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from core.findings import CLASSES
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.paper.published import OVERALL
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_training import FineTuned, fine_tune
from tests.models.biomedclip import make_biomedclip
from tests.models.tiny import make_tiny_clip

N_TRAIN, N_VAL = 2670, 575
PAPER_MINUTES = OVERALL["fine_tune"].minutes
TINY = {"films": 48, "epochs": 2}


def main() -> None:
    """Prints what it took."""
    parser = argparse.ArgumentParser(description="Fine-tuning BiomedCLIP's architecture on a GPU.")
    parser.add_argument("--films", type=int, default=N_TRAIN)
    parser.add_argument("--epochs", type=int, default=FineTuneOptions().max_epochs)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
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
