"""AttnLRP: the score handed back through the tower, layer by layer, to the tokens that it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.models.arrays import Progress
from core.saliency.methods.base import Float32Array, Method, positive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.saliency.tower.tape import Tape


def attn_lrp(tape: Tape, first: Sequence[int], _: Progress) -> Float32Array:
    """Compute the maps (len(first), C, T) of a film: the relevance of the tokens that each of these blocks is given.

    tape : of a pass by the rules of relevance (`core.saliency.tower.relevance`), in which relevance is the token times
        its gradient, summed over channels; evidence against a class is left out.
    """
    given = [tape.begins if block == 0 else tape.ends[block - 1] for block in first]
    gradients = tape.gradients(tape.scores, given)
    found = [(gradient * tokens).sum(dim=-1) for gradient, tokens in zip(gradients, given, strict=True)]
    return positive(np.stack([part.detach().float().cpu().numpy() for part in found]))


METHOD = Method(
    "attn_lrp",
    "AttnLRP",
    "Achtibat et al., ICML 2024 (arXiv 2402.05602)",
    "The score handed back to the tokens that the chosen block is given; what speaks against a class is left out.",
    "relevance",
    attn_lrp,
    usual_block=0,
)
