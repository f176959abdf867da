"""Gradient-weighted attention: how relevance flows from the patches to the class token, class by class."""

from __future__ import annotations

import numpy as np

from core.saliency.methods.base import Float32Array, Method


def chefer(attention: Float32Array, gradients: Float32Array) -> Float32Array:
    """Compute (blocks, C, T): relevance of every token to the class token,
    through the blocks from each one to the last.

    attention : (blocks, heads, T, T), rows are the tokens that ask.
    gradients : (C, blocks, heads, T, T).
    In every block R becomes R + mean over heads of (attention x gradient, where positive) R. Only the row of the class
    token is needed, so it is followed from the last block down.
    """
    n_blocks, _, n_tokens, _ = attention.shape
    relevance = np.zeros((n_blocks, len(gradients), n_tokens), dtype=np.float32)
    for index, gradient in enumerate(gradients):
        row = np.eye(1, n_tokens, dtype=np.float32)[0]
        for block in range(n_blocks - 1, -1, -1):
            row = row + row @ np.maximum(attention[block] * gradient[block], 0).mean(axis=0)
            relevance[block, index] = row
    return relevance


METHOD = Method(
    "chefer",
    "Gradient-weighted attention",
    "Chefer, Gur, Wolf, ICCV 2021",
    "Attention that raises the score, through the blocks from the chosen to the last; the unit of the score changes "
    "how far blocks reinforce each other.",
    "attention",
    chefer,
    is_scale_free=False,
    needs_class_token=True,
)
