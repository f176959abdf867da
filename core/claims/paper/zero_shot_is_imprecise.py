"""What zero-shot calls is seldom right."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import ABSTRACT, PER_CLASS

CLAIM: Final = Claim(
    name="zero-shot-is-imprecise",
    sentence="Zero-shot is less precise than full fine-tuning.",
    source=ABSTRACT,
    figures=("precision",),
    first="zero_shot",
    second="fine_tune",
    direction="below",
    published=PER_CLASS,
)
