"""Zero-shot gets no film entirely right."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import OVERALL, TABLE

CLAIM: Final = Claim(
    name="zero-shot-matches-no-film",
    sentence="Zero-shot gets next to no film entirely right.",
    source=TABLE,
    figures=("exact_match",),
    first="zero_shot",
    second=0.01,
    direction="below",
    published=OVERALL,
)
