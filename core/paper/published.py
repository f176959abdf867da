"""The figures that arXiv 2506.14136 published, to stand beside a study's own."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.metrics.overall_figures import (
    COVERAGE_ERROR,
    DISTANCE_RATIO,
    EXACT_MATCH,
    INTER_CLASS,
    INTRA_CLASS,
    LRAP,
    MACRO_F1,
    MINUTES,
    FigureRow,
)

SOURCE: Final = "Sadman, Zulkernine, Kwan, arXiv 2506.14136"
MODEL: Final = "BiomedCLIP"
DATASET: Final = "IU-Xray, 573 frontal test films"

GRAD_CAM_LAYER: Final = "trunk.blocks[-1].attn.proj"
"""Where the paper's last figure reads Grad-CAM; one of `core.saliency.tower.layers.find_layer`'s names."""

GRAD_CAM_WORDS: Final = (
    f"The paper reads maps at {GRAD_CAM_LAYER}; we, at the input of the last block's attention, trunk.blocks[-1].norm1."
)
GRAD_CAM_EFFECT: Final = (
    "In a tower pooled by its class token, such as BiomedCLIP's, only that token is read after the published layer: "
    "gradients at every patch are exactly zero there, and this software says so in words instead of drawing a map."
)


COLUMNS: Final = (
    INTER_CLASS, INTRA_CLASS, DISTANCE_RATIO, MACRO_F1, EXACT_MATCH, LRAP, COVERAGE_ERROR, MINUTES
)  # fmt: skip
"""The figures of the published overall table, in its order."""


def _row(*values: float) -> FigureRow:
    """One row of the published table; what it does not hold, as minutes where nothing was trained, is undefined."""
    return FigureRow({figure.name: value for figure, value in zip(COLUMNS, values, strict=False)})


OVERALL: Final = MappingProxyType(
    {
        "zero_shot": _row(31.890, 21.160, 1.506, 0.105, 0.000, 0.250, 7.70),
        "linear_probe": _row(31.894, 21.160, 1.507, 0.183, 0.143, 0.741, 3.077, 6.10),
        "fine_tune": _row(22.754, 12.756, 1.784, 0.235, 0.134, 0.779, 2.750, 15.47),
    }
)
"""The published overall table (test films), by setting, to three decimals.

Distances are Euclidean, in BiomedCLIP's 512 dimensions, un-normalised.
"""
