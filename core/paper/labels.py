"""Whose labels a study of IU-Xray has, to stand beside figures that were published with others."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.datasets.description import origin_words
from core.findings import PUBLISHED_POSITIVES
from core.study.read import Study

N_FILMS: Final = 3818
"""Frontal films of arXiv 2506.14136, over which its positives are counted."""

_NAMED: Final = 5
_FAR: Final = 1.2
"""Classes are named where one count is this many times the other."""


def label_source_note(study: Study) -> str | None:
    """Say where the labels of a study of IU-Xray come from, and how its positives differ from the published ones.

    None for a study of other films, or one that does not say whose labels it has.
    """
    dataset = study.manifest.dataset
    origin = dataset.get("labels")
    if dataset.get("name") != "iu-xray" or not isinstance(origin, dict):
        return None
    source = f"Labels: {origin_words(origin)}."
    if len(study.image_ids) != N_FILMS:
        return f"{source} The published figures are of {N_FILMS:,} films with the paper's own labels."
    ours = dict(zip(study.classes, np.nansum(study.labels == 1, axis=0).tolist(), strict=True))
    if ours == dict(PUBLISHED_POSITIVES):
        return f"{source} Every class has as many positives as were published."
    return f"{source} These are not the paper's labels: positives here and published are {_differences(ours)}."


def _differences(ours: dict[str, int]) -> str:
    """The classes that differ most, the largest ratio first."""
    ratios = {
        name: max(ours.get(name, 0), count) / max(min(ours.get(name, 0), count), 1)
        for name, count in PUBLISHED_POSITIVES.items()
    }
    far = sorted((name for name in ratios if ratios[name] >= _FAR), key=lambda name: -ratios[name]) or [
        name for name in ratios if ours.get(name, 0) != PUBLISHED_POSITIVES[name]
    ]
    named = [f"{name} {ours.get(name, 0):,} and {PUBLISHED_POSITIVES[name]:,}" for name in far[:_NAMED]]
    return "; ".join(named) + (f"; and {len(far) - _NAMED} classes more" if len(far) > _NAMED else "")
