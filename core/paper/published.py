"""The figures that arXiv 2506.14136 published, to stand beside a study's own."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SOURCE: Final = "Sadman, Zulkernine, Kwan, arXiv 2506.14136"
MODEL: Final = "BiomedCLIP"
DATASET: Final = "IU-Xray, 573 frontal test films"

GRAD_CAM_LAYER: Final = "trunk.blocks[-1].attn.proj"
"""Where the paper's last figure reads Grad-CAM; one of `core.saliency.tower.layers.find_layer`'s names."""

GRAD_CAM_WORDS: Final = (
    f"Maps are read at {GRAD_CAM_LAYER}; sound, at the input of the last block's attention, trunk.blocks[-1].norm1."
)
GRAD_CAM_EFFECT: Final = (
    "In a tower pooled by its class token, such as BiomedCLIP's, only that token is read after the published layer: "
    "gradients at every patch are exactly zero there, and this software says so in words instead of drawing a map."
)


@dataclass(frozen=True)
class PublishedOverall:
    """One row of the published overall table (test films); field names as in core.metrics.summary.Overall.

    inter_class_distance, intra_class_distance : Euclidean, in BiomedCLIP's 512 dimensions, un-normalised.
    macro_f1, exact_match, lrap : 0..1.  coverage_error : 1..14.  minutes : None where nothing was trained.
    """

    inter_class_distance: float
    intra_class_distance: float
    distance_ratio: float
    macro_f1: float
    exact_match: float
    lrap: float
    coverage_error: float
    minutes: float | None


OVERALL: Final = MappingProxyType(
    {
        "zero_shot": PublishedOverall(31.890, 21.160, 1.506, 0.105, 0.000, 0.250, 7.70, None),
        "linear_probe": PublishedOverall(31.894, 21.160, 1.507, 0.183, 0.143, 0.741, 3.077, 6.10),
        "fine_tune": PublishedOverall(22.754, 12.756, 1.784, 0.235, 0.134, 0.779, 2.750, 15.47),
    }
)
"""The published overall table, by setting, to three decimals."""
