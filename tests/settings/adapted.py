"""Small films, labels and towers on which ways to train are tested."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from core.models.arrays import FloatArray, UInt8Array
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.models.torchvision_guard import open_clip
from tests.models.tiny import random_films

TRAIN, VAL = np.arange(18), np.arange(18, 24)

NATIVE: dict[str, Any] = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "patch_size": 16, "head_width": 32},
    "text_cfg": {"context_length": 32, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}
"""open_clip's own towers: torch's attention, whose input projection is one weight; a causal text tower."""


def make_native(folder: Path) -> ClipModel:
    """A tiny model of open_clip's own towers, with random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = open_clip.CLIP(**NATIVE).eval()
    state = {name: value.contiguous() for name, value in made.state_dict().items()}
    folder.mkdir(parents=True)
    save_file(state, folder / "open_clip_model.safetensors")
    config = {"model_cfg": NATIVE, "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.25] * 3}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return load_clip(folder)


def films_of(model: ClipModel) -> UInt8Array:
    """24 cropped films; the upper half is bright in every other one."""
    side = model.crop_px
    crops = np.stack([model.transform.crop(film) for film in random_films(24, height_px=side, width_px=side)])
    crops[::2, : side // 2] = np.minimum(crops[::2, : side // 2].astype(int) + 60, 255)
    return crops


def labels() -> FloatArray:
    """(24, 3): whether the upper half is bright; a rare noise, a third of it unread; one that is always absent."""
    bright = (np.arange(24) % 2 == 0).astype(float)
    noise = (np.random.default_rng(0).random(24) < 0.3).astype(float)
    noise[::3] = np.nan
    return np.stack([bright, noise, np.zeros(24)], axis=1)


class StoppedError(Exception):
    """What a killed run looks like from inside."""


def stop_at(broken_at: int) -> Callable[[int, int, str], None]:
    """A progress that ends the run when so many films are done."""

    def progress(done: int, total: int, what: str) -> None:
        if done >= broken_at:
            raise StoppedError(what)

    return progress
