"""How far the regions agree that several readers drew on the same films for one class.

Dice is twice the common area over the sum of both, IoU the common area over the united one. A film's figure is the mean
over the pairs of readers who both marked it, so that a film with many readers weighs as much as one with two.
Sources: Dice, Ecology 26, 1945; Jaccard, New Phytologist 11, 1912.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from core.metrics.arrays import FloatArray, ratios
from core.metrics.reader_agreement import Estimate, ReaderAgreement, estimate, reader_agreement
from core.metrics.resampling import Resamples

Regions = Mapping[str, Mapping[int, Any]]
"""By reader, by film: the region that it drew, as COCO's run lengths; all of a film are of its size."""


@dataclass(frozen=True)
class Overlap:
    """How far regions lie on each other, where both or several readers marked a film.

    n_films : such films. dice, iou : in [0, 1], 1 is the same region; NaN where there is no such film.
    """

    n_films: int
    dice: Estimate
    iou: Estimate


@dataclass(frozen=True)
class RegionAgreement:
    """One class.

    presence : whether the readers marked the films that they read, with kappa and share of the same word.
    overlap : over all pairs of readers. pairs : by two readers who both marked some film.
    """

    finding: str
    presence: ReaderAgreement
    overlap: Overlap
    pairs: Mapping[tuple[str, str], Overlap]


def region_agreement(
    finding: str, read: Mapping[str, Sequence[int]], regions: Regions, resamples: Resamples
) -> RegionAgreement:
    """Compare what readers drew for one class.

    read : by reader, the films that it read, numbered as in `resamples`. regions : of films among these.
    resamples : of the films' patients.
    Raises ValueError for fewer than two readers.
    """
    n_films = len(resamples.patients.of_film)
    votes = {}
    for name, films in read.items():
        votes[name] = np.full(n_films, np.nan)
        votes[name][list(films)] = 0
        votes[name][list(regions.get(name, {}))] = 1
    found = {
        (one, other): _overlaps(regions.get(one, {}), regions.get(other, {}), n_films)
        for one, other in combinations(read, 2)
    }
    pairs = {pair: columns for pair, columns in found.items() if columns[:, 0].any()}
    summed = np.sum(list(pairs.values()), axis=0) if pairs else np.zeros((n_films, 3))
    shared = (summed[:, 0] > 0).astype(np.float64)
    mean = np.column_stack([shared, np.nan_to_num(ratios(summed[:, 1:], summed[:, :1]))])
    return RegionAgreement(
        finding,
        reader_agreement(finding, votes, {}, resamples),
        _overlap(mean, resamples),
        {pair: _overlap(columns, resamples) for pair, columns in pairs.items()},
    )


def _overlap(columns: FloatArray, resamples: Resamples) -> Overlap:
    """The means over films, of columns as of `_overlaps`."""
    n = int(columns[:, 0].sum())
    dice, iou = (
        estimate(lambda sums, place=place: ratios(sums[:, place], sums[:, 0]), columns, n, resamples)  # type: ignore[misc]
        for place in (1, 2)
    )
    return Overlap(n, dice, iou)


def _overlaps(one: Mapping[int, Any], other: Mapping[int, Any], n_films: int) -> FloatArray:
    """(n_films, 3): whether both marked the film, their Dice and IoU; 0 where they did not."""
    from pycocotools import mask as coco

    columns = np.zeros((n_films, 3))
    for film in one.keys() & other.keys():
        both = float(coco.area(coco.merge([one[film], other[film]], intersect=True)))
        areas = float(coco.area(one[film])) + float(coco.area(other[film]))
        columns[film] = 1, 2 * both / areas, both / (areas - both)
    return columns
