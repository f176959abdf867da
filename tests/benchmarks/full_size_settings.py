"""Every setting that trains a model, on BiomedCLIP's full architecture with random weights, for a few steps on a CPU.

`python -m tests.benchmarks.full_size_settings [--only NAME ...] [--batch 8] [--threads 2]`: the setting's own options,
two epochs of two steps on made-up films of 224 x 224; what is trained, seconds a step, the loss before and after. It
ends with 1 where a loss is not finite or did not fall. Prompts are learnt from made-up embeddings.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.findings import CLASSES
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.settings import registry
from core.settings.base import Setting
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_training import fine_tune
from core.settings.prompt_learning_options import PromptLearningOptions
from core.settings.prompt_learning_training import learn_prompts
from core.settings.zero_shot import prompts_for
from tests.models.biomedclip import make_biomedclip

EPOCHS = 2


def main() -> None:
    """Prints a line a setting."""
    parser = argparse.ArgumentParser(description="A few steps of every setting that trains a model, at full size.")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as folder:
        model, failed = load_clip(make_biomedclip(Path(folder) / "biomedclip")), 0
        for setting in registry.SETTINGS:
            is_meant = isinstance(setting.options, (FineTuneOptions, PromptLearningOptions))
            if is_meant and (not args.only or setting.name in args.only):
                failed += _trained(setting, model, args.batch)
    sys.exit(int(failed > 0))


def _trained(setting: Setting[Any], model: ClipModel, batch: int) -> bool:
    """Whether the loss did not fall."""
    options = dataclasses.replace(setting.options, max_epochs=EPOCHS, batch_size=batch, learning_rate=1e-4)
    n_films = 2 * batch
    rng, rows = np.random.default_rng(0), np.arange(n_films)
    labels = (rows[:, None] % np.arange(2, 2 + len(CLASSES)) == 0).astype(np.float64)
    if isinstance(options, FineTuneOptions):
        films = rng.integers(0, 256, (n_films, model.crop_px, model.crop_px), dtype=np.uint8)
        tuned = fine_tune(model, films, labels, rows, rows[:0], options, device="cpu")
        record, minutes, why = tuned.record, tuned.minutes, tuned.precision.reason
    else:
        prompts = prompts_for(CLASSES)
        texts = model.encode_texts([prompt.text for prompt in prompts])
        embeddings = rng.normal(size=(n_films, model.n_dimensions)).astype(np.float32)
        learnt = learn_prompts(model, embeddings, texts, prompts, CLASSES, labels, rows, rows[:0], options)
        record, minutes, why = learnt.record, learnt.minutes, ""
    assert record is not None
    first, last = record.train_loss[0], record.train_loss[-1]
    seconds = 60 * minutes / (EPOCHS * 2)
    pace = f"{record.n_parameters:,} weights, {seconds:.1f} s a step of {batch} films"
    print(f"{setting.name}: {pace}, loss {first:.4f} to {last:.4f}. {why}", flush=True)
    return not (math.isfinite(first) and last < first)


if __name__ == "__main__":
    main()
