"""A linear probe looks elsewhere than zero-shot."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper.common import MAPS

CLAIM: Final = Claim(
    name="probe-looks-elsewhere",
    sentence="Linear probing changes where the model looks, though its encoder is that of zero-shot.",
    source=MAPS,
    figures=("map_energy", "map_average_precision", "map_iou_otsu"),
    first="linear_probe",
    second="zero_shot",
    direction="apart",
    margin=0.01,
    published={"method": "grad_cam", "layer": "usual", "split": "test"},
)
