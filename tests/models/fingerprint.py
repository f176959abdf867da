"""What one film and one prompt become in a model whose weights come from a formula, and which package moved it.

`python -m tests.models.fingerprint` writes tests/golden/embedding_fingerprint.json anew: only after a look at why.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.paths import PROJECT
from tests.models.tiny import make_tiny_clip, random_films

STORED: Final = PROJECT / "tests" / "golden" / "embedding_fingerprint.json"
PROMPT: Final = "no evidence of pleural effusion"
STAGES: Final = {
    "the film's crop": ("pillow", "torchvision", "open_clip_torch"),
    "the prompt's tokens": ("tokenizers", "transformers", "open_clip_torch"),
    "the film's embedding": ("timm", "open_clip_torch", "torch"),
    "the prompt's embedding": ("transformers", "open_clip_torch", "torch"),
}
"""What is compared, in the order of the work, and the packages that make each."""

TOLERANCE: Final = {"the film's crop": 0.0, "the prompt's tokens": 0.0}
"""Largest absolute difference; 1e-4 where nothing else is said: processors add in another order, by 1e-6."""

_USUAL: Final = 1e-4


def fingerprint() -> dict[str, list[float]]:
    """What each stage gives, and nothing random in it: numpy's PCG64 fills the weights."""
    with tempfile.TemporaryDirectory() as folder:
        model = load_clip(make_tiny_clip(Path(folder) / "clip"))
    _fill(model)
    film = random_films(1, seed=7)[0]
    crop = model.transform.crop(film)
    values = (
        crop[::8, ::8],
        model.tokens.trimmed([PROMPT])[0].numpy(),
        model.encode_crops(crop[None])[0],
        model.encode_texts([PROMPT])[0],
    )
    return {name: [round(float(x), 6) for x in np.ravel(part)] for name, part in zip(STAGES, values, strict=True)}


def versions() -> dict[str, str]:
    """Installed versions of every package of STAGES."""
    return {name: version(name) for name in sorted({name for names in STAGES.values() for name in names})}


def moved(stored: Mapping[str, Any], now: Mapping[str, list[float]], installed: Mapping[str, str]) -> list[str]:
    """One sentence for each stage that is not as stored: by how much, and which of its packages are others now."""
    sentences = []
    for name, packages in STAGES.items():
        old, new = np.array(stored["values"][name]), np.array(now[name])
        distance = float(np.abs(old - new).max()) if old.shape == new.shape else float("inf")
        if distance > TOLERANCE.get(name, _USUAL):
            others = [f"{p} {stored['versions'][p]} -> {installed[p]}" for p in packages]
            changed = [
                entry for p, entry in zip(packages, others, strict=True) if stored["versions"][p] != installed[p]
            ]
            cause = (
                ", ".join(changed) or f"none of {', '.join(packages)} has another version: this project's code moved"
            )
            sentences.append(f"{name[0].upper()}{name[1:]} moved by up to {distance:.2g}: {cause}.")
    return sentences


def _fill(model: ClipModel) -> None:
    """Weights by name and numpy alone, so that another torch does not begin with others."""
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for name, weight in sorted(model.model.named_parameters()):
            if weight.ndim:
                mean = 1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0
                weight.copy_(torch.from_numpy(rng.normal(mean, 0.08, tuple(weight.shape)).astype(np.float32)))


def main() -> None:
    """Write what is so now."""
    content = {"versions": versions(), "values": fingerprint()}
    STORED.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
