"""How well a map agrees with a mask that a reader drew.

All figures are over the pixels of the film that the model saw, the map laid onto them bilinearly (`core.geometry`), and
none changes when the map is multiplied by a number. What is special has a stated result:

- an empty mask, or one that lies outside the crop altogether: nothing to find; every figure is NaN.
- a full mask: hit, energy, rank and average precision are 1.
- an empty map (all values 0): a miss; every figure is 0.
- a constant map: what chance gives; hit, energy, rank and average precision are the mask's share of the crop.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from core.annotations.annotation import Annotation
from core.geometry import WHOLE_SQUARE, Box, Geometry, map_to_film, share_outside
from core.metrics.arrays import BoolArray, FloatArray, ratio
from core.metrics.otsu import otsu_level

LEVELS: Final = np.round(np.arange(1, 20) * 0.05, 2)
"""Where maps are cut for IoU and Dice, as shares of a map's own maximum."""


@dataclass(frozen=True, eq=False)
class Localization:
    """One map against one mask; shares in 0..1.

    hit : 1 where the map's maximum is in the mask (pointing game); of several equal maxima the share that is.
    energy : share of the map's sum that is in the mask.
    relevance_rank : of the K highest pixels, K being the mask's size, the share in the mask; ties count in parts.
    average_precision : of pixels in the mask, ranked by the map; ties together, steps not interpolated.
    iou, dice : (19,) of the map cut at LEVELS.
    iou_otsu, dice_otsu : cut at Otsu's level.
    level_otsu : that level, as a share of the maximum; NaN where the map is constant (it is then taken whole).
    chance : the mask's share of the crop: what an uninformative map gets in the first four.
    outside : share of the mask outside the crop, which no map can reach; NaN for an empty mask.
    is_below_resolution : the mask in the crop is smaller than one patch of the map.
    is_zero : the map is 0 everywhere.
    is_defined : the mask has a pixel in the crop.
    Sources: Zhang et al., IJCV 2018 (pointing game); Wang et al., CVPR Workshops 2020 (energy); Arras, Osman, Samek,
    Information Fusion 2022 (relevance rank); Otsu, IEEE SMC 1979.
    """

    hit: float
    energy: float
    relevance_rank: float
    average_precision: float
    iou: FloatArray
    dice: FloatArray
    iou_otsu: float
    dice_otsu: float
    level_otsu: float
    chance: float
    outside: float
    is_below_resolution: bool
    is_zero: bool
    is_defined: bool


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Pixels of the crop: all values (n,) and those in the mask (k,), each ascending."""

    all: FloatArray
    inside: FloatArray

    def at_least(self, levels: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        """How many pixels, of all and in the mask, have at least these values."""
        cut = np.asarray(levels, dtype=self.all.dtype)
        found = [len(values) - np.searchsorted(values, cut, side="left") for values in (self.all, self.inside)]
        return found[0].astype(np.float64), found[1].astype(np.float64)


def laid(values: FloatArray, shape: tuple[int, int], geometry: Geometry = WHOLE_SQUARE) -> FloatArray:
    """Lay a map that is not 0 onto its film (H, W), as `localize` compares it: in units of its own, NaN outside."""
    return map_to_film(_in_range(values), shape[0], shape[1], geometry)


def localize(
    values: FloatArray, mask: BoolArray, geometry: Geometry = WHOLE_SQUARE, *, on_film: FloatArray | None = None
) -> Localization:
    """Compare one map with one mask.

    values : (rows, columns), raw, finite, 0 and above, over what the model sees of the film.
    mask : (H, W), in the film's pixels.
    geometry : what that is; `core.geometry.Geometry`.
    on_film : what `laid` gives of the map, where that is known.
    Raises ValueError where the map has negative or undefined values.

    >>> found = localize(np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[False, True], [False, False]]))
    >>> found.hit, found.energy, found.chance
    (1.0, 1.0, 0.25)
    """
    if not np.isfinite(values).all() or values.min() < 0:
        raise ValueError("a map must be finite, 0 and above")
    box = geometry.box(*mask.shape)
    rows, columns = crop_pixels(box, mask.shape)
    seen = mask[rows, columns]
    n_inside = int(np.count_nonzero(seen))
    chance = ratio(n_inside, seen.size)
    outside = share_outside(mask, box)
    is_small = is_below_patch(mask, (values.shape[0], values.shape[1]), geometry)
    is_zero = not bool(values.any())
    if n_inside == 0 or is_zero:
        nothing = math.nan if n_inside == 0 else 0.0
        sweep = np.full(len(LEVELS), nothing)
        figures = (nothing,) * 4 + (sweep, sweep, nothing, nothing, math.nan)
        return Localization(*figures, chance, outside, is_small, is_zero, n_inside > 0)
    film = (laid(values, (mask.shape[0], mask.shape[1]), geometry) if on_film is None else on_film)[rows, columns]
    ranked = _Ranked(np.sort(film, axis=None), np.sort(film[seen]))
    level = otsu_level(film)
    iou, dice = _overlaps(ranked, LEVELS * ranked.all[-1])
    iou_otsu, dice_otsu = _overlaps(ranked, np.array([ranked.all[0] if math.isnan(level) else level]))
    return Localization(
        hit=_hit(ranked),
        energy=float(ranked.inside.sum(dtype=np.float64) / ranked.all.sum(dtype=np.float64)),
        relevance_rank=_relevance_rank(ranked),
        average_precision=_average_precision(ranked),
        iou=iou,
        dice=dice,
        iou_otsu=float(iou_otsu[0]),
        dice_otsu=float(dice_otsu[0]),
        level_otsu=float(level / ranked.all[-1]),
        chance=chance,
        outside=outside,
        is_below_resolution=is_small,
        is_zero=False,
        is_defined=True,
    )


def crop_pixels(box: Box, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Find the pixels of a film (H, W) whose centres lie in a box: those where `map_to_film` is defined."""
    edges = ((box.top, box.height, shape[0]), (box.left, box.width, shape[1]))
    bounds = [
        slice(max(math.ceil(start - 0.5), 0), min(math.ceil(start + extent - 0.5), length))
        for start, extent, length in edges
    ]
    return bounds[0], bounds[1]


def is_below_patch(mask: BoolArray, grid: tuple[int, int], geometry: Geometry = WHOLE_SQUARE) -> bool:
    """Tell whether what a model sees of a mask (H, W) is there,
    and smaller than a patch of a map of grid rows, columns.
    """
    box = geometry.box(*mask.shape)
    seen = mask[crop_pixels(box, mask.shape)]
    return 0 < int(np.count_nonzero(seen)) < box.height * box.width / (grid[0] * grid[1])


def mask_of(annotations: Sequence[Annotation], finding: str, reader: str | None = None) -> BoolArray | None:
    """Give the mask (H, W): all that a reader, or any reader,
    drew of a finding on one film; None where nobody drew it.

    >>> from core.annotations.annotation import annotation_from_mask
    >>> one = annotation_from_mask("film", "Edema", "A", np.array([[True, False, False]]))
    >>> other = annotation_from_mask("film", "Edema", "B", np.array([[True, True, False]]))
    >>> mask_of([one, other], "Edema").tolist(), mask_of([one], "Edema", "B")
    ([[True, True, False]], None)
    """
    masks = [
        entry.mask() for entry in annotations if entry.finding == finding and (reader is None or entry.reader == reader)
    ]
    return np.logical_or.reduce(masks) if masks else None


@dataclass(frozen=True)
class ReaderAgreement:
    """How far readers agree with each other, the ceiling for a map: means over pairs; NaN with fewer than two."""

    iou: float
    dice: float
    n_readers: int


def reader_agreement(masks: Mapping[str, BoolArray]) -> ReaderAgreement:
    """Measure the overlap of the masks (H, W) that readers drew of one finding on one film.

    >>> found = reader_agreement({"A": np.array([[True, True]]), "B": np.array([[True, False]])})
    >>> found.iou, round(found.dice, 2)
    (0.5, 0.67)
    """
    pairs = [mask_overlap(one, other) for one, other in combinations(masks.values(), 2)]
    if not pairs:
        return ReaderAgreement(math.nan, math.nan, len(masks))
    iou, dice = np.mean(pairs, axis=0)
    return ReaderAgreement(float(iou), float(dice), len(masks))


def mask_overlap(one: BoolArray, other: BoolArray) -> tuple[float, float]:
    """Compute (IoU, Dice) of two masks (H, W); NaN where both are empty.

    >>> mask_overlap(np.array([[True, True, False]]), np.array([[False, True, True]]))
    (0.3333333333333333, 0.5)
    """
    both, either = int(np.count_nonzero(one & other)), int(np.count_nonzero(one | other))
    return ratio(both, either), ratio(2 * both, both + either)


def chexlocalize_iou(
    values: FloatArray, mask: BoolArray, geometry: Geometry = WHOLE_SQUARE, *, on_film: FloatArray | None = None
) -> float:
    """Compute the IoU over the whole film of the mask and the map cut at Otsu's level, by CheXlocalize's protocol.

    NaN, so left out of a mean, where the mask is empty or nothing is left of the map; a mean of these is higher than
    one in which such misses count. Outside the crop the map is taken as 0, of which CheXlocalize has no case.
    Source: Saporta et al., Nature Machine Intelligence 2022.
    """
    if not values.any():
        return math.nan
    film = np.nan_to_num(laid(values, (mask.shape[0], mask.shape[1]), geometry) if on_film is None else on_film)
    level = otsu_level(film)
    if math.isnan(level) or not mask.any():
        return math.nan
    return mask_overlap(film >= level, mask)[0]


def _in_range(values: FloatArray) -> FloatArray:
    """A map that is not 0, times a power of two so that its maximum is in 0.5..1: exact, and never too small."""
    exact = np.asarray(values, dtype=np.float64)
    return np.asarray(np.ldexp(exact, -math.frexp(float(exact.max()))[1]))


def _hit(ranked: _Ranked) -> float:
    n_all, n_inside = ranked.at_least(ranked.all[-1])
    return float(n_inside / n_all)


def _relevance_rank(ranked: _Ranked) -> float:
    n_mask = len(ranked.inside)
    last = ranked.all[-n_mask]
    n_all, n_inside = ranked.at_least(np.array([last, np.nextafter(last, np.float32(np.inf))]))
    tied, tied_inside = n_all[0] - n_all[1], n_inside[0] - n_inside[1]
    return float((n_inside[1] + (n_mask - n_all[1]) * tied_inside / tied) / n_mask)


def _average_precision(ranked: _Ranked) -> float:
    first = np.flatnonzero(np.concatenate([[True], ranked.inside[1:] > ranked.inside[:-1]]))
    levels, counts = ranked.inside[first], np.diff(np.append(first, len(ranked.inside)))
    n_all, n_inside = ranked.at_least(levels)
    return float((counts * n_inside / n_all).sum() / len(ranked.inside))


def _overlaps(ranked: _Ranked, levels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """IoU and Dice of the mask and the pixels at or above each level."""
    n_map, n_both = ranked.at_least(levels)
    total = n_map + len(ranked.inside)
    return n_both / (total - n_both), 2 * n_both / total
