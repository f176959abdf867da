"""A linear probe leaves the embedding space as it is."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import DISTANCES, SPACE

CLAIM: Final = Claim(
    name="probe-keeps-the-space",
    sentence="Linear probing leaves the distances between classes as they are in zero-shot.",
    source=SPACE,
    figures=("ratio",),
    first="linear_probe",
    second="zero_shot",
    direction="near",
    margin=0.01,
    published=DISTANCES,
)
