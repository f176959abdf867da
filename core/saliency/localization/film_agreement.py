"""How one map agrees with what was drawn on its film: reader by reader, and their mean, as in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.annotations.annotation import Annotation
from core.geometry import WHOLE_SQUARE, Geometry
from core.metrics.arrays import FloatArray
from core.metrics.localization import localize, mask_of


@dataclass(frozen=True)
class ReaderAgreement:
    """One map against one reader's mask, or the mean over readers.

    reader : "" for the mean.
    n_readers : that it stands on.
    hit, energy, chance : as in `core.metrics.localization.Localization`; NaN where the model sees none of the mask.
    is_defined : whether the model sees any of the mask.
    is_below_resolution : the mask is smaller than a patch.
    """

    reader: str
    n_readers: int
    hit: float
    energy: float
    chance: float
    is_defined: bool
    is_below_resolution: bool


def film_agreement(
    values: FloatArray, annotations: Sequence[Annotation], finding: str, geometry: Geometry = WHOLE_SQUARE
) -> tuple[ReaderAgreement, ...]:
    """Make one entry per reader of a finding, in the order of drawing, and with two or more the mean over readers last.

    values : (rows, columns), raw.
    annotations : all of the film.
    geometry : what the map lies over.  Empty where nobody drew the finding.
    """
    readers = list(dict.fromkeys(entry.reader for entry in annotations if entry.finding == finding))
    found = [_of_reader(values, annotations, finding, reader, geometry) for reader in readers]
    return (*found, _mean(found)) if len(found) > 1 else tuple(found)


def _of_reader(
    values: FloatArray, annotations: Sequence[Annotation], finding: str, reader: str, geometry: Geometry
) -> ReaderAgreement:
    mask = mask_of(annotations, finding, reader)
    assert mask is not None
    found = localize(values, mask, geometry)
    return ReaderAgreement(
        reader, 1, found.hit, found.energy, found.chance, found.is_defined, found.is_below_resolution
    )


def _mean(found: Sequence[ReaderAgreement]) -> ReaderAgreement:
    """Over the readers whose mask lies in the crop."""
    inside = [entry for entry in found if entry.is_defined]
    figures = [[entry.hit, entry.energy, entry.chance] for entry in inside] or [[np.nan] * 3]
    hit, energy, chance = (float(value) for value in np.mean(figures, axis=0))
    is_small = any(entry.is_below_resolution for entry in inside)
    return ReaderAgreement("", len(inside), hit, energy, chance, bool(inside), is_small)
