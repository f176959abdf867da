"""Zero-shot ranks the labels of a film about as well as chance."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import RANKED, TABLE

CLAIM: Final = Claim(
    name="zero-shot-ranks-by-chance",
    sentence="Zero-shot ranks the labels of a film about as well as chance: its last label stands as far down.",
    source=TABLE,
    figures=("coverage_error",),
    first="zero_shot",
    second="chance",
    direction="near",
    margin=0.5,
    published=RANKED,
)
