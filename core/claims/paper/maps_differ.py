"""Fine-tuning changes where the model looks."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import MAPS

CLAIM: Final = Claim(
    name="maps-differ",
    sentence="Fine-tuning changes where the model looks: its maps agree with masks otherwise than those of zero-shot.",
    source=MAPS,
    figures=("map_energy", "map_average_precision", "map_iou_otsu"),
    first="fine_tune",
    second="zero_shot",
    direction="apart",
    margin=0.01,
    published={"method": "grad_cam", "layer": "usual", "split": "test"},
)
