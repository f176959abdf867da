"""M2IB: what a film may lose between two blocks, under noise, without its score falling: the rest is the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.models.arrays import Progress
from core.saliency.methods.base import Float32Array, Method

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from core.saliency.tower.tape import Tape

_STEPS: Final = 10
_DRAWS: Final = 10
_COST: Final = 0.1
_RATE: Final = 1.0
_OPEN: Final = 5.0
"""As published: steps, draws in each, what a unit of information costs, the rate of Adam, where gates begin."""


def m2ib(tape: Tape, first: Sequence[int], progress: Progress) -> Float32Array:
    """Compute the maps (len(first), C, T): bits that pass each token, when as few as possible do and the score stays.

    Before the block, tokens z become g z + (1 - g) noise, the noise of unit variance, with a gate g in 0..1 for every
    token and channel. The gates are found by gradient descent on cost times information minus score; information is the
    divergence of what passes from the noise alone, the mean over tokens and channels. The score, a cosine as published,
    is here in units of what the film has more of it than noise has, so that its own unit does not matter.
    first : blocks before which the gates stand.
    """
    n_classes = len(tape.scores)
    maps = []
    for position, block in enumerate(first):
        of_classes = []
        for index in range(n_classes):
            of_classes.append(_bits(tape, block, index))
            progress(position * n_classes + index + 1, len(first) * n_classes, "classes")
        maps.append(np.stack(of_classes))
    return np.stack(maps)


def _bits(tape: Tape, block: int, index: int) -> Float32Array:
    """(T,) of one class."""
    import torch

    tokens = _given(tape, block)
    unit = _unit(tape, block, index)
    noise = torch.Generator(device=tokens.device).manual_seed(0)
    gates = torch.full_like(tokens, _OPEN).requires_grad_()
    descent = torch.optim.Adam([gates], lr=_RATE)
    for _ in range(_STEPS):
        kept = gates.sigmoid()
        information = _information(kept * tokens, 1 - kept)
        drawn = torch.randn(_DRAWS, *tokens.shape, generator=noise, device=tokens.device)
        passed = _scores(tape, block, kept * tokens + (1 - kept) * drawn)[:, index]
        loss = _COST * information.mean() - passed.mean() / unit
        (gates.grad,) = torch.autograd.grad(loss, [gates])
        descent.step()
    bits: Float32Array = (information.sum(dim=-1) / np.log(2)).detach().float().cpu().numpy()
    return bits


def _given(tape: Tape, block: int) -> torch.Tensor:
    """(T, d)."""
    return (tape.begins if block == 0 else tape.ends[block - 1]).detach()


def _scores(tape: Tape, block: int, tokens: torch.Tensor) -> torch.Tensor:
    """(n, C) of tokens (n, T, d) that a block is given."""
    for module in tape.blocks[block:]:
        tokens = module(tokens)
    return tape.score(tokens)


def _unit(tape: Tape, block: int, index: int) -> float:
    """How far the score of the film is from that of noise: what a score is measured in."""
    import torch

    tokens = _given(tape, block)
    drawn = torch.randn(_DRAWS, *tokens.shape, generator=torch.Generator(device=tokens.device).manual_seed(1))
    with torch.no_grad():
        of_noise = float(_scores(tape, block, drawn)[:, index].mean())
    return max(abs(float(tape.scores[index].detach()) - of_noise), 1e-12)


def _information(mean: torch.Tensor, spread: torch.Tensor) -> torch.Tensor:
    """Divergence, in nats, of a normal of this mean and spread from one of mean 0 and spread 1, element by element."""
    variance = spread.square().clamp(min=np.exp(-10.0))
    return 0.5 * (mean.square() + variance - 1 - variance.log())


METHOD = Method(
    "m2ib",
    "M2IB",
    "Wang, Rudner, Wilson, NeurIPS 2023 (arXiv 2312.17174)",
    "How much of each patch must reach the chosen block, under noise, for the score to stay.",
    "blocks",
    m2ib,
    usual_block=-2,
    is_slow=True,
)
