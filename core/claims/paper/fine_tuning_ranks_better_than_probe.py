"""Fine-tuning ranks the labels of a film better than a linear probe."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import RANKED, TABLE

CLAIM: Final = Claim(
    name="fine-tuning-ranks-better-than-probe",
    sentence="Full fine-tuning ranks the labels of a film better than linear probing.",
    source=TABLE,
    figures=("lrap",),
    first="fine_tune",
    second="linear_probe",
    published=RANKED,
)
