"""A linear probe ranks the labels of a film better than zero-shot."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import RANKED, TABLE

CLAIM: Final = Claim(
    name="probe-ranks-better-than-zero-shot",
    sentence="Linear probing ranks the labels of a film better than zero-shot.",
    source=TABLE,
    figures=("lrap",),
    first="linear_probe",
    second="zero_shot",
    published=RANKED,
)
