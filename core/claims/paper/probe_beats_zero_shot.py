"""A linear probe labels better than zero-shot."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import OVERALL, TABLE

CLAIM: Final = Claim(
    name="probe-beats-zero-shot",
    sentence="Linear probing labels films better than zero-shot.",
    source=TABLE,
    figures=("f1",),
    first="linear_probe",
    second="zero_shot",
    published=OVERALL,
)
