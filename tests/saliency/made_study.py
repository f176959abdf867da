"""Parts of a study whose settings were not trained but drawn at random."""

from __future__ import annotations

import numpy as np
import torch

from core.findings import CLASSES
from core.models.clip_model import ClipModel
from core.settings.head import LinearHead


def random_head(n_dimensions: int, *, seed: int) -> LinearHead:
    """A classifier with normal weights."""
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=(len(CLASSES), n_dimensions)).astype(np.float32)
    return LinearHead(weight, rng.normal(size=len(CLASSES)).astype(np.float32))


def shaken_visual(model: ClipModel) -> dict[str, torch.Tensor]:
    """The image tower's weights with a little noise."""
    generator = torch.Generator().manual_seed(5)
    state = model.visual.state_dict()
    return {name: value + 0.05 * torch.randn(value.shape, generator=generator) for name, value in state.items()}
