"""The scores of zero-shot tell films with a finding from those without less well."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import ABSTRACT

CLAIM: Final = Claim(
    name="zero-shot-separates-poorly",
    sentence="Scores of zero-shot tell films with a finding from films without less well than fine-tuned ones.",
    source=ABSTRACT,
    figures=("auroc",),
    first="zero_shot",
    second="fine_tune",
    direction="below",
    published={"prompts": "names", "average": "macro", "split": "test"},
)
