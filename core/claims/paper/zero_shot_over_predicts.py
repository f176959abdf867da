"""Zero-shot calls far more than is there."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import ABSTRACT, PER_CLASS

CLAIM: Final = Claim(
    name="zero-shot-over-predicts",
    sentence="Zero-shot predicts more labels than there are.",
    source=ABSTRACT,
    figures=("over_prediction",),
    first="zero_shot",
    second=1.0,
    published=PER_CLASS,
)
