"""Attention rollout: attention multiplied through the blocks, whatever the class."""

from __future__ import annotations

import numpy as np

from core.saliency.methods.base import Float32Array, Method


def rollout(attention: Float32Array, gradients: None = None) -> Float32Array:
    """Compute the shares (blocks, 1, T): how much of every token reaches the class token,
    through the blocks from each one to the last.

    attention : (blocks, heads, T, T). A block passes on half of a token itself and half of what it attends to, the mean
    over heads.
    """
    n_blocks, _, n_tokens, _ = attention.shape
    reached = np.zeros((n_blocks, 1, n_tokens), dtype=np.float32)
    row = np.eye(1, n_tokens, dtype=np.float32)[0]
    for block in range(n_blocks - 1, -1, -1):
        row = 0.5 * row + 0.5 * (row @ attention[block].mean(axis=0))
        reached[block, 0] = row
    return reached


METHOD = Method(
    "rollout",
    "Attention rollout",
    "Abnar and Zuidema, ACL 2020",
    "The same map for all classes: what the class token is made of, not what speaks for a finding.",
    "attention",
    rollout,
    is_class_specific=False,
    needs_class_token=True,
)
