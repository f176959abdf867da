"""Occlusion: how far the score falls when a patch of the film is covered."""

from __future__ import annotations

from core.saliency.methods.base import Float32Array, Method, positive


def occlusion(scores: Float32Array) -> Float32Array:
    """Compute the maps (C, n_patches): the score of the whole film minus that of the film with the patch covered;
    0 where it rises.

    scores : (n_patches + 1, C), the whole film last.
    """
    return positive((scores[-1] - scores[:-1]).T)


METHOD = Method(
    "occlusion",
    "Occlusion",
    "Zeiler and Fergus, ECCV 2014",
    "The slow reference: every patch in turn is painted over with the film's mean grey, one forward pass each.",
    "scores",
    occlusion,
    is_slow=True,
)
