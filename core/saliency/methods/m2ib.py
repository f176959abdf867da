"""M2IB: what a film may lose between two blocks, under noise, without its score falling: the rest is the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import IntArray
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

_MOST_NUMBERS: Final = 2**24
"""Of tokens of all draws and classes in all blocks that are followed, at once."""


def m2ib(tape: Tape, first: Sequence[int], progress: Progress) -> Float32Array:
    """Compute the maps (len(first), C, T): bits that pass each token, when as few as possible do and the score stays.

    Before the block, tokens z become g z + (1 - g) noise, the noise of unit variance, with a gate g in 0..1 for every
    token and channel. The gates are found by gradient descent on cost times information minus score; information is the
    divergence of what passes from the noise alone, the mean over tokens and channels. The score, a cosine as published,
    is here in units of what the film has more of it than noise has, so that its own unit does not matter: for a cosine
    these are the published maps at a cost of 0.1 times that unit.
    first : blocks before which the gates stand.
    """
    n_classes = len(tape.scores)
    maps = []
    for position, block in enumerate(first):
        units, of_classes = _units(tape, block), []
        for some in np.array_split(np.arange(n_classes), -(-n_classes // _n_at_once(tape, block))):
            of_classes.append(_bits(tape, block, some, units[some]))
            progress(position * n_classes + int(some[-1]) + 1, len(first) * n_classes, "classes")
        maps.append(np.concatenate(of_classes))
    return np.stack(maps)


def _n_at_once(tape: Tape, block: int) -> int:
    return max(1, _MOST_NUMBERS // (_DRAWS * tape.begins.numel() * (len(tape.blocks) - block)))


def _bits(tape: Tape, block: int, classes: IntArray, units: torch.Tensor) -> Float32Array:
    """(k, T) of some classes, each with gates of its own and all with the same draws."""
    import torch

    tokens, k = _given(tape, block), len(classes)
    noise = torch.Generator(device=tokens.device).manual_seed(0)
    gates = torch.full((k, *tokens.shape), _OPEN, device=tokens.device).requires_grad_()
    descent = torch.optim.Adam([gates], lr=_RATE)
    for _ in range(_STEPS):
        kept, left = gates.sigmoid(), (-gates).sigmoid()
        information = _information(kept * tokens, left, torch.nn.functional.logsigmoid(-gates))
        drawn = torch.randn(_DRAWS, *tokens.shape, generator=noise, device=tokens.device)
        passed = (kept * tokens)[:, None] + left[:, None] * drawn
        scores = _scores(tape, block, passed.flatten(0, 1)).unflatten(0, (k, _DRAWS))
        own = scores[torch.arange(k), :, torch.from_numpy(classes)].mean(dim=1)
        loss = (_COST * information.mean(dim=(1, 2)) - own / units).sum()
        (gates.grad,) = torch.autograd.grad(loss, [gates])
        descent.step()
    bits: Float32Array = (information.sum(dim=-1) / np.log(2)).detach().float().cpu().numpy()
    return bits


def _given(tape: Tape, block: int) -> torch.Tensor:
    """(T, d)."""
    return (tape.begins if block == 0 else tape.ends[block - 1]).detach()


def _scores(tape: Tape, block: int, tokens: torch.Tensor) -> torch.Tensor:
    """(n, C) of tokens (n, T, d) that a block is given."""
    from core.saliency.tower.attention import class_token_only

    with class_token_only(tape.blocks[-1] if tape.by_token and tape.n_prefix == 1 else None):
        for module in tape.blocks[block:]:
            tokens = module(tokens)
    return tape.score(tokens)


def _units(tape: Tape, block: int) -> torch.Tensor:
    """(C,) how far the scores of the film are from those of noise: what scores are measured in."""
    import torch

    tokens = _given(tape, block)
    noise = torch.Generator(device=tokens.device).manual_seed(1)
    drawn = torch.randn(_DRAWS, *tokens.shape, generator=noise, device=tokens.device)
    with torch.no_grad():
        of_noise = _scores(tape, block, drawn).mean(dim=0)
    return (tape.scores.detach() - of_noise).abs().clamp(min=1e-12)


def _information(mean: torch.Tensor, spread: torch.Tensor, log_spread: torch.Tensor) -> torch.Tensor:
    """Divergence, in nats, of a normal of this mean and spread from one of mean 0 and spread 1, element by element."""
    return 0.5 * (mean.square() + spread.square() - 1) - log_spread


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
