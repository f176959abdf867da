"""Fine-tuning labels better than a linear probe."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import OVERALL, TABLE

CLAIM: Final = Claim(
    name="fine-tuning-beats-probe",
    sentence="Full fine-tuning labels films better than linear probing.",
    source=TABLE,
    figures=("f1",),
    first="fine_tune",
    second="linear_probe",
    published=OVERALL,
)
