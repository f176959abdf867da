"""Fine-tuning moves classes apart, for how wide they are."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import DISTANCES, SPACE

CLAIM: Final = Claim(
    name="fine-tuning-separates-classes",
    sentence="Full fine-tuning separates the classes better in the embedding space.",
    source=SPACE,
    figures=("ratio",),
    first="fine_tune",
    second="zero_shot",
    published=DISTANCES,
)
