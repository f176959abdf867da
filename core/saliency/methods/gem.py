"""GEM: every patch scored for itself, after blocks in which tokens attend to what is like them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.models.arrays import Progress
from core.saliency.methods.base import Float32Array, Method

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from core.saliency.tower.tape import Tape


def gem(tape: Tape, first: Sequence[int], _: Progress) -> Float32Array:
    """Compute the maps (len(first), C, T): a token's score minus that of the lowest patch.

    first : blocks to begin at. From there on, values are mixed by how alike queries are to each other, keys and values
    likewise: the mean of the three. What comes of it is added from block to block, without the blocks' second halves,
    to the tokens that the first of them was given; the blocks themselves go on with their own attention.
    """
    import torch

    with torch.no_grad():
        n_blocks = len(tape.blocks)
        added = {block: _added(tape, block) for block in range(min(first), n_blocks)}
        given = (tape.begins, *tape.ends[:-1])
        ends = [given[block] + sum(added[later] for later in range(block, n_blocks)) for block in first]
        scores = [_scores(tape, tokens) for tokens in ends]
    lowest = [part[:, tape.n_prefix :].min(axis=1, keepdims=True) for part in scores]
    return np.stack([np.maximum(part - low, 0) for part, low in zip(scores, lowest, strict=True)])


def _added(tape: Tape, block: int) -> torch.Tensor:
    """(T, d): what self-self attention of a block adds to its tokens."""
    heads, module = tape.heads[block], tape.blocks[block]
    tokens = _normed(module, tape.begins if block == 0 else tape.ends[block - 1])
    sharpness = tokens.norm(dim=-1).mean() * heads.query.shape[-1] ** -0.5
    mixed = sum(_alike(part, sharpness) @ heads.value for part in (heads.value, heads.key, heads.query))
    assert not isinstance(mixed, int)
    return _scaled(module, heads.project((mixed / 3).transpose(0, 1).flatten(1)[None])[0])


def _alike(part: torch.Tensor, sharpness: torch.Tensor) -> torch.Tensor:
    """(heads, T, T): how alike tokens are to each other after one round in which each takes after those like it."""
    import torch.nn.functional as functional

    for _ in range(2):
        part = functional.normalize(part, dim=-1)
        weights = (part @ part.transpose(-2, -1) * sharpness).softmax(dim=-1)
        part = weights @ part
    return weights


def _scores(tape: Tape, tokens: torch.Tensor) -> Float32Array:
    """(C, T): the score of every token as if it were all that is pooled."""
    found: Float32Array = tape.score(tokens[:, None].expand(-1, tape.n_prefix + 1, -1)).T.float().cpu().numpy()
    return found


def _normed(block: Any, tokens: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = (block.norm1 if hasattr(block, "norm1") else block.ln_1)(tokens)
    return found


def _scaled(block: Any, tokens: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = (block.ls1 if hasattr(block, "ls1") else block.ls_1)(tokens)
    return found


METHOD = Method(
    "gem",
    "GEM",
    "Bousselham et al., CVPR 2024 (arXiv 2312.00878)",
    "Every patch scored for itself, minus the lowest: where the words fit, whatever the score of the film rests on.",
    "blocks",
    gem,
    usual_block=-6,
)
