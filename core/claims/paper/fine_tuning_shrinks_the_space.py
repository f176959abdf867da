"""Fine-tuned classes lie closer together."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import DISTANCES, SPACE

CLAIM: Final = Claim(
    name="fine-tuning-shrinks-the-space",
    sentence="Full fine-tuning shrinks the embedding space: classes lie closer together, and their films too.",
    source=SPACE,
    figures=("inter", "intra"),
    first="fine_tune",
    second="zero_shot",
    direction="below",
    published={**DISTANCES, "metric": "inter"},
)
