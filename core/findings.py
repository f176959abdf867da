"""The label vocabulary of the study: the one order of its 14 classes, its domains and its published counts."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

NO_FINDING: Final = "No Finding"

CLASSES: Final[tuple[str, ...]] = (
    "Enlarged Cardiomediastinum",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    "Support Devices",
    NO_FINDING,
)
"""Class order of arXiv 2506.14136; ties and hard labels depend on it."""

FINDINGS: Final[tuple[str, ...]] = CLASSES[:-1]
"""The 13 classes that are visible on a film (all but No Finding)."""

DOMAINS: Final = MappingProxyType(
    {
        "Cardiovascular": ("Enlarged Cardiomediastinum", "Cardiomegaly"),
        "Pulmonary": (
            "Pneumonia",
            "Consolidation",
            "Atelectasis",
            "Pneumothorax",
            "Pleural Other",
            "Pleural Effusion",
            "Edema",
            "Lung Opacity",
            "Lung Lesion",
        ),
        "Skeletal": ("Fracture",),
        "Device": ("Support Devices",),
    }
)
"""Domains of arXiv 2506.14136; No Finding is in none."""

PUBLISHED_POSITIVES: Final = MappingProxyType(
    {
        "Enlarged Cardiomediastinum": 70,
        "Cardiomegaly": 415,
        "Lung Opacity": 516,
        "Lung Lesion": 165,
        "Edema": 49,
        "Consolidation": 31,
        "Pneumonia": 68,
        "Atelectasis": 216,
        "Pneumothorax": 20,
        "Pleural Effusion": 129,
        "Pleural Other": 56,
        "Fracture": 127,
        "Support Devices": 163,
        NO_FINDING: 2400,
    }
)
"""Positives per class over the 3,818 frontal IU-Xray films of arXiv 2506.14136."""

SPLITS: Final[tuple[str, ...]] = ("train", "val", "test")
