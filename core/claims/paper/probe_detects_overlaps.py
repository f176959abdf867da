"""On films with several findings a linear probe does better than fine-tuning."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import ABSTRACT, OVERALL

CLAIM: Final = Claim(
    name="probe-detects-overlaps",
    sentence="On films with several findings linear probing finds more of them than full fine-tuning.",
    source=ABSTRACT,
    figures=("recall", "f1"),
    first="linear_probe",
    second="fine_tune",
    films="several findings",
    published={**OVERALL, "metric": "recall"},
)
