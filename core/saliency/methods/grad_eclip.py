"""Grad-ECLIP: what the class token takes from patches that are like it, weighted by what raises the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.models.arrays import Progress
from core.saliency.methods.base import Float32Array, Method

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.saliency.tower.tape import Heads, Tape


def grad_eclip(tape: Tape, first: Sequence[int], _: Progress) -> Float32Array:
    """Compute the maps (len(first), C, T) of a film, from each of these blocks to the last.

    In a block, a patch counts the sum over channels of its value times the gradient of the score at the class token's
    mixed values, where positive, times how alike its key is to the class token's query: their cosine, scaled to 0..1
    over the patches.
    """
    followed = tape.heads[min(first) :]
    gradients = tape.gradients(tape.scores, [heads.mixed for heads in followed])
    maps = []
    for heads, gradient in zip(followed, gradients, strict=True):
        values = heads.value.transpose(0, 1).flatten(1)
        counted = (values @ gradient[:, 0].T).T.detach().cpu().numpy()
        maps.append(np.maximum(counted * _alike(heads, tape.n_prefix), 0))
    return np.stack([sum(maps[block - min(first) :]) for block in first])


def _alike(heads: Heads, n_prefix: int) -> Float32Array:
    """(T,) of the class token's query to every key, all heads together, 0..1 over the patches."""
    query, key = (part.detach().transpose(0, 1).flatten(1).cpu().numpy() for part in (heads.query, heads.key))
    lengths = np.linalg.norm(key, axis=1) * np.linalg.norm(query[0])
    cosines = key @ query[0] / np.maximum(lengths, 1e-12)
    low, high = cosines[n_prefix:].min(), cosines[n_prefix:].max()
    return np.asarray((cosines - low) / max(high - low, 1e-12), dtype=np.float32)


METHOD = Method(
    "grad_eclip",
    "Grad-ECLIP",
    "Zhao et al., ICML 2024 (arXiv 2502.18816)",
    "What the class token takes from a patch, channel by channel, weighted by what raises the score.",
    "blocks",
    grad_eclip,
    usual_block=-1,
    needs_class_token=True,
)
