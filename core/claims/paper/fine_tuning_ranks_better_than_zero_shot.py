"""Fine-tuning ranks the labels of a film better than zero-shot."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import RANKED, TABLE

CLAIM: Final = Claim(
    name="fine-tuning-ranks-better-than-zero-shot",
    sentence="Full fine-tuning ranks the labels of a film better than zero-shot.",
    source=TABLE,
    figures=("lrap",),
    first="fine_tune",
    second="zero_shot",
    published=RANKED,
)
