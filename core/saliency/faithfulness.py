"""Whether a map names what the model uses: the score as patches are taken from the film in the map's order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray
from core.models.arrays import Float32Array, UInt8Array, no_progress
from core.saliency.maps import SaliencyMap
from core.saliency.tower.occluded import crop_scores
from core.saliency.tower.setting_model import SettingModel

SHARES: Final = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9])
"""Of the patches, taken away for ROAD."""

_NOISE: Final = 2.0
"""Standard deviation, in greys of 255, of what is added to imputed pixels, so that they do not look drawn."""


_N_DRAWS: Final = 2
"""Orders that are drawn where a map has patches of the same value."""


@dataclass(frozen=True, eq=False)
class PerturbationCurves:
    """A class score as a film loses, or gains, its patches, those with the highest values first.

    shares : (k,) of the patches that are gone, or there, from 0 to 1.
    deletion, insertion : (k,) scores in the setting's own unit; patches that are not there are the film's mean grey.
    deletion_area, insertion_area : mean height of the curve between the scores of the empty (0) and the whole film (1);
        low and high are good. Beyond 0..1 where the score leaves that range; NaN where there is a problem.
    problem : why the areas mean nothing, in a sentence; "" where they do.
    Source: Petsiuk, Das, Saenko, BMVC 2018.
    """

    shares: FloatArray
    deletion: Float32Array
    insertion: Float32Array
    deletion_area: float
    insertion_area: float
    score_full: float
    score_empty: float
    problem: str = ""


@dataclass(frozen=True, eq=False)
class RoadCurve:
    """A class score as patches are imputed from their surroundings.

    shares : (k,) of the patches.  most_first, least_first : (k,) scores without the most, and the least, relevant.
    value : mean of least_first minus most_first, in the unit of the score; above 0 is good, and a map that ranks at
        random is 0 on average. NaN where the map ranks nothing.
    problem : why there is no value, in a sentence, or "".
    Source: Rong et al., ICML 2022 (noisy linear imputation).
    """

    shares: FloatArray
    most_first: Float32Array
    least_first: Float32Array
    value: float
    problem: str = ""


def deletion_insertion(
    model: SettingModel,
    film: UInt8Array,
    finding: str,
    map_: SaliencyMap,
    *,
    n_steps: int = 14,
    rng: np.random.Generator | None = None,
) -> PerturbationCurves:
    """The two curves of one map of one film (H, W), uint8, in n_steps equal steps.

    Patches of the same value are taken in random order; curves are means over a few such orders.
    """
    crop = model.tower.transform.crop(film)
    shares = np.linspace(0, 1, n_steps + 1)
    empty = np.broadcast_to(np.asarray(np.round(crop.mean(axis=(0, 1))), np.uint8), crop.shape)
    gone = [_pixels(mask, crop.shape[0]) for mask in _drawn(map_.values, shares, rng or np.random.default_rng(0))]
    without = [_mixed(crop, empty, mask) for mask in gone]
    only = [_mixed(empty, crop, mask) for mask in gone]
    scores = _scores(model, finding, np.stack([*without, *only])).reshape(2, -1, len(shares))
    deletion, insertion = scores.mean(axis=1, dtype=np.float32)
    full, none = float(deletion[0]), float(insertion[0])
    problem = _nothing_ranked(map_) or _nothing_above(finding, full, none)
    deletion_area, insertion_area = (
        math.nan if problem else _area(curve, shares, none, full) for curve in (deletion, insertion)
    )
    return PerturbationCurves(shares, deletion, insertion, deletion_area, insertion_area, full, none, problem)


def road(
    model: SettingModel,
    film: UInt8Array,
    finding: str,
    map_: SaliencyMap,
    *,
    rng: np.random.Generator | None = None,
) -> RoadCurve:
    """ROAD of one map of one film (H, W), uint8: removing the most and the least relevant SHARES of patches.

    Patches of the same value are taken in random order; curves are means over a few such orders. Not computed by
    pytorch-grad-cam's ROAD: that cuts at a percentile, so of a map that is 0 at most patches it takes all zeros at once
    or none (-3.3 where this gives -0.5 to -1.1, of a Grad-CAM with 79 % zeros); without ties both give the same up to
    their noise, which the library draws anew every time, in 2 to 9 times the seconds.
    """
    rng = rng or np.random.default_rng(0)
    crop = model.tower.transform.crop(film)
    gone = [mask for values in (map_.values, -map_.values) for mask in _drawn(values, SHARES, rng)]
    films = [impute(crop, _pixels(mask, crop.shape[0]), rng) for mask in gone]
    most, least = _scores(model, finding, np.stack(films)).reshape(2, -1, len(SHARES)).mean(axis=1, dtype=np.float32)
    problem = _nothing_ranked(map_)
    return RoadCurve(SHARES, most, least, math.nan if problem else float((least - most).mean()), problem)


def _nothing_ranked(map_: SaliencyMap) -> str:
    """Why a map has no order to take patches in, or ""."""
    if not map_.values.any():
        return "The map is zero, so it ranks no patch."
    return "The map has one value everywhere, so it ranks no patch." if np.ptp(map_.values) == 0 else ""


def _nothing_above(finding: str, full: float, empty: float) -> str:
    """Why there is no evidence to lose, or ""."""
    if full > empty:
        return ""
    return (
        f"The whole film scores {full:.3f} for {finding}, no more than an empty one ({empty:.3f}): there is no "
        "evidence for it to take away."
    )


def impute(crop: UInt8Array, gone: BoolArray, rng: np.random.Generator) -> UInt8Array:
    """A film (S, S[, 3]) whose pixels in `gone` (S, S) are the weighted mean of their neighbours, plus a little noise.

    All at once: the means are a sparse linear system (1/6 for pixels beside, 1/12 for those at the corners, at the
    border those that are there). Where all is gone there is nothing to impute from, and the film is its mean grey.
    """
    if gone.all():
        return np.broadcast_to(np.asarray(np.round(crop.mean(axis=(0, 1))), np.uint8), crop.shape).copy()
    filled = crop.astype(np.float64)
    flat = filled.reshape(gone.size, -1)
    if gone.any():
        flat[gone.ravel()] = _solved(flat, gone) + rng.normal(0, _NOISE, (int(gone.sum()), 1))
    return np.clip(np.round(filled), 0, 255).astype(np.uint8)


def _solved(flat: FloatArray, gone: BoolArray) -> FloatArray:
    """(n_gone, channels): every missing pixel as the weighted mean of its neighbours, known or missing."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import spsolve

    side_y, side_x = gone.shape
    number = np.full(gone.shape, -1)
    number[gone] = np.arange(np.count_nonzero(gone))
    y, x = np.nonzero(gone)
    rows, columns, weights = [np.arange(len(y))], [np.arange(len(y))], [np.zeros(len(y))]
    known = np.zeros((len(y), flat.shape[1]))
    for dy, dx in ((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx):
        weight = 1 / 12 if dy and dx else 1 / 6
        near_y, near_x = y + dy, x + dx
        there = (near_y >= 0) & (near_y < side_y) & (near_x >= 0) & (near_x < side_x)
        place = near_y[there] * side_x + near_x[there]
        weights[0][there] += weight
        missing = number.ravel()[place] >= 0
        at = np.flatnonzero(there)
        rows.append(at[missing])
        columns.append(number.ravel()[place[missing]])
        weights.append(np.full(int(missing.sum()), -weight))
        known[at[~missing]] += weight * flat[place[~missing]]
    entries = (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns)))
    solved = spsolve(csr_matrix(entries, shape=(len(y), len(y))), known)
    return np.asarray(solved, np.float64).reshape(len(y), -1)


def _drawn(values: Float32Array, shares: FloatArray, rng: np.random.Generator) -> list[BoolArray]:
    """For each order and share, (rows, columns) True at that share of the patches, the highest values first."""
    has_ties = len(np.unique(values)) < values.size
    return [mask for _ in range(_N_DRAWS if has_ties else 1) for mask in _first(values, shares, rng)]


def _first(values: Float32Array, shares: FloatArray, rng: np.random.Generator) -> list[BoolArray]:
    ranks = np.empty(values.size, dtype=int)
    ranks[np.lexsort((rng.random(values.size), -values.ravel()))] = np.arange(values.size)
    return [(ranks < round(share * values.size)).reshape(values.shape) for share in shares]


def _pixels(mask: BoolArray, side: int) -> BoolArray:
    """Patches (rows, columns) as pixels (side, side)."""
    rows, columns = (np.minimum(np.arange(side) * n // side, n - 1) for n in mask.shape)
    return mask[np.ix_(rows, columns)]


def _mixed(ground: UInt8Array, other: UInt8Array, mask: BoolArray) -> UInt8Array:
    """The ground, and in the mask the other."""
    return np.where(mask if ground.ndim == 2 else mask[..., None], other, ground)


def _scores(model: SettingModel, finding: str, crops: UInt8Array) -> Float32Array:
    return crop_scores(model.only([finding]), crops, no_progress, "films")[:, 0]


def _area(curve: Float32Array, shares: FloatArray, empty: float, full: float) -> float:
    return float((np.trapezoid(curve, shares) - empty) / (full - empty))
