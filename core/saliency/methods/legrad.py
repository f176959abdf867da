"""LeGrad: how much more attention to a patch would raise the score, summed over the blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.models.arrays import Progress
from core.saliency.methods.base import Float32Array, Method

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from core.saliency.tower.tape import Tape


def legrad(tape: Tape, first: Sequence[int], _: Progress) -> Float32Array:
    """Compute the maps (len(first), C, T) of a film, from each of these blocks to the last.

    After every block the tokens are scored as if it were the last: pooled as the tower pools, but the class token of
    one that reads nothing else is the mean of all tokens. A block's map is the positive part of the gradient of that
    score with respect to the block's attention, the mean over heads and asking tokens; with an attention pool, with
    respect to the pool's own attention.
    """
    maps = {block: _of_block(tape, block) for block in range(min(first), len(tape.ends))}
    return np.stack([sum(maps[later] for later in range(block, len(tape.ends))) for block in first])


def _of_block(tape: Tape, block: int) -> Float32Array:
    """(C, T)."""
    tokens = tape.ends[block][None]
    if tape.pool_weights is not None:
        weights, scores = tape.pool_weights(tokens)
        (gradients,) = tape.gradients(scores[0], [weights])
        return _numpy(gradients[:, 0, :, 0].clamp(min=0).mean(dim=1))
    scores = tape.score(tokens.mean(dim=1, keepdim=True) if tape.by_token else tokens)
    (gradients,) = tape.gradients(scores[0], [tape.heads[block].weights])
    return _numpy(gradients.clamp(min=0).mean(dim=(1, 2)))


def _numpy(values: torch.Tensor) -> Float32Array:
    found: Float32Array = values.detach().float().cpu().numpy()
    return found


METHOD = Method(
    "legrad",
    "LeGrad",
    "Bousselham et al., ICCV 2025 (arXiv 2404.03214)",
    "How much more attention to a patch would raise the score, from the chosen block to the last.",
    "blocks",
    legrad,
    usual_block=-2,
)
