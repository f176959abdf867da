"""Fine-tuning labels better than zero-shot."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import OVERALL, TABLE

CLAIM: Final = Claim(
    name="fine-tuning-beats-zero-shot",
    sentence="Full fine-tuning labels films better than zero-shot.",
    source=TABLE,
    figures=("f1",),
    first="fine_tune",
    second="zero_shot",
    published=OVERALL,
)
