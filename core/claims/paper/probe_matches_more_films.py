"""A linear probe gets more films entirely right than fine-tuning."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import OVERALL, TABLE

CLAIM: Final = Claim(
    name="probe-matches-more-films",
    sentence="Linear probing gets more films entirely right than full fine-tuning.",
    source=TABLE,
    figures=("exact_match",),
    first="linear_probe",
    second="fine_tune",
    published=OVERALL,
)
