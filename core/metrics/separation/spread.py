"""How a class lies against the rest, for many shufflings or resamplings of its films at once."""

from __future__ import annotations

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, ratios
from core.metrics.neighbours import Metric, distance_blocks


def silhouettes(rows: FloatArray, metric: Metric, member: BoolArray, there: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Silhouette of the films of a class against the rest.

    rows : (n, d) of `prepared`.  member, there : (K, n) which films are of the class, and which count at all, in each
    version.  Returns (n,) of every film in the first version, NaN where it is not of the class, and (K,) means over
    the films of the class in each.
    Source: Rousseeuw, Journal of Computational and Applied Mathematics 1987.
    """
    own, rest = (member & there).T.astype(np.float32), (~member & there).T.astype(np.float32)
    n_own, n_rest = own.sum(axis=0), rest.sum(axis=0)
    of_first, total = np.full(len(rows), np.nan), np.zeros(len(member))
    for block, distances in distance_blocks(rows, metric):
        near = (distances @ own) / np.maximum(n_own - 1, 1)
        far = (distances @ rest) / np.maximum(n_rest, 1)
        value = np.where(own[block] > 0, (far - near) / np.maximum(np.maximum(near, far), 1e-12), 0)
        total += value.sum(axis=0, dtype=np.float64)
        of_first[block] = np.where(own[block, 0] > 0, value[:, 0], np.nan)
    defined = (n_own > 1) & (n_rest > 0)
    return of_first, np.divide(total, n_own, out=np.full(len(total), np.nan), where=defined)


def neighbour_purity(neighbours: IntArray, member: BoolArray, there: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Share of a film's neighbours that are of its class.

    neighbours : (n, k) rows, -1 = none.  The rest as in `silhouettes`. Neighbours that do not count are left out; a
    film without any that does is undefined.
    """
    found = neighbours >= 0
    of_first, means = np.full(member.shape[1], np.nan), np.full(len(member), np.nan)
    for version, (own, counts) in enumerate(zip(member & there, there, strict=True)):
        films = np.flatnonzero(own)
        near = neighbours[films]
        number = (counts[near] & found[films]).sum(axis=1)
        share = np.divide(
            (own[near] & found[films]).sum(axis=1), number, out=np.full(len(films), np.nan), where=number > 0
        )
        if version == 0:
            of_first[films] = share
        if not np.isnan(share).all():
            means[version] = np.nanmean(share)
    return of_first, means


def fisher_ratio(rows: FloatArray, metric: Metric, member: BoolArray, weights: FloatArray) -> FloatArray:
    """(K,) squared distance of the mean of a class from that of the rest, over the summed variances of the two.

    member, weights : (K, n).  Source: Fisher, Annals of Eugenics 1936, without the covariances between dimensions.
    """
    exact = rows.astype(np.float64)
    squares = (exact**2).sum(axis=1)
    gap, spread = np.zeros((len(member), rows.shape[1])), np.zeros(len(member))
    for sign, side in ((1, member * weights), (-1, ~member * weights)):
        number = side.sum(axis=1, dtype=np.float64)
        mean = ratios(side @ exact, number[:, None])
        gap += sign * mean
        spread += side @ squares / np.where(number > 0, number, np.nan) - (mean**2).sum(axis=1)
    return ratios((gap**2).sum(axis=1), spread, above=1e-12)


def davies_bouldin(rows: FloatArray, metric: Metric, member: BoolArray, weights: FloatArray) -> FloatArray:
    """(K,) summed mean distances of films to the centre of their side, over the distance of the two centres.

    member, weights : (K, n). Euclidean in `rows`, which have length 1 where the metric is cosine.
    Source: Davies and Bouldin, IEEE TPAMI 1979, for two clusters.
    """
    exact = rows.astype(np.float64)
    squares = (exact**2).sum(axis=1)
    centres, spread = [], np.zeros(len(member))
    for side in (member * weights, ~member * weights):
        number = side.sum(axis=1, dtype=np.float64)
        number = np.where(number > 0, number, np.nan)
        centre = side @ exact / number[:, None]
        squared = squares - 2 * centre @ exact.T + (centre**2).sum(axis=1)[:, None]
        spread += (side * np.sqrt(np.maximum(squared, 0))).sum(axis=1) / number
        centres.append(centre)
    apart = np.linalg.norm(centres[0] - centres[1], axis=1)
    return ratios(spread, apart)
