"""What the published variants of the paper's claims have in common."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.paper.published import SOURCE

ABSTRACT: Final = f"{SOURCE}, abstract"
TABLE: Final = f"{SOURCE}, overall table"
SPACE: Final = f"{SOURCE}, embedding space"
MAPS: Final = f"{SOURCE}, Grad-CAM"

OVERALL: Final = MappingProxyType(
    {"policy": "paper-row-min-max", "prompts": "names", "average": "macro", "undefined": "published", "split": "test"}
)
"""The overall table: every film scaled to 0..1 by itself, bare class names, undefined figures as 0."""
PER_CLASS: Final = MappingProxyType({**OVERALL, "policy": "paper-cut"})
"""The table of classes: one cut in the middle of the scale."""
RANKED: Final = MappingProxyType({"prompts": "names", "undefined": "published", "split": "test"})
DISTANCES: Final = MappingProxyType({"convention": "published", "distance": "euclidean", "split": "test"})
"""The first positive class alone, Euclidean."""
