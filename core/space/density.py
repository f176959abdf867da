"""Large maps: how many films lie where, and which of them to draw as points when zoomed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray

_MARGIN = 0.05


@dataclass(frozen=True)
class Bounds:
    """A rectangle on the map, in its units; x0 < x1, y0 < y1."""

    x0: float
    x1: float
    y0: float
    y1: float

    def holds(self, points: FloatArray) -> BoolArray:
        """(n,) which points (n, 2) lie inside or on the edge."""
        x, y = points[:, 0], points[:, 1]
        return (x >= self.x0) & (x <= self.x1) & (y >= self.y0) & (y <= self.y1)


@dataclass(frozen=True, eq=False)
class DensityGrid:
    """counts : (n_rows, n_columns) float32 films (or weights) a cell, row 0 at bounds.y0.  n_inside : films inside."""

    counts: FloatArray
    bounds: Bounds
    n_inside: int


@dataclass(frozen=True, eq=False)
class PointsInView:
    """rows : int32, ascending, to draw.  n_in_view : films in view, drawn or not."""

    rows: IntArray
    n_in_view: int

    @property
    def is_sampled(self) -> bool:
        """Whether some films in view are not drawn, which is to be said."""
        return self.n_in_view > len(self.rows)


def bounds_of(points: FloatArray) -> Bounds:
    """The rectangle around points (n, 2) with 5 % on every side; 0..1 where there is no point."""
    if not len(points):
        return Bounds(0.0, 1.0, 0.0, 1.0)
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    pad = np.where(high > low, _MARGIN * (high - low), 0.5)
    (x0, y0), (x1, y1) = low - pad, high + pad
    return Bounds(float(x0), float(x1), float(y0), float(y1))


def density_grid(
    points: FloatArray,
    bounds: Bounds,
    *,
    n_columns: int = 256,
    n_rows: int = 256,
    weights: FloatArray | None = None,
) -> DensityGrid:
    """Films a cell of a grid over bounds; a film on an inner edge counts to the cell above or right of it.

    points : (n, 2).  weights : (n,) summed in place of counting, such as a label of {0, 1}.
    """
    inside = bounds.holds(points)
    chosen = points[inside].astype(np.float64)
    column = _cell(chosen[:, 0], bounds.x0, bounds.x1, n_columns)
    row = _cell(chosen[:, 1], bounds.y0, bounds.y1, n_rows)
    given = None if weights is None else np.asarray(weights, dtype=np.float64)[inside]
    counts = np.bincount(row * n_columns + column, given, minlength=n_rows * n_columns)
    return DensityGrid(counts.reshape(n_rows, n_columns).astype(np.float32), bounds, int(np.count_nonzero(inside)))


def points_in_view(
    points: FloatArray, bounds: Bounds, *, limit: int = 50_000, always: Sequence[int] | IntArray = ()
) -> PointsInView:
    """At most `limit` films in view, and all of `always` that are in view.

    Films have a fixed order of precedence, the same in every view: zooming in adds films and takes none away.
    """
    inside = bounds.holds(points)
    rows = np.flatnonzero(inside)
    if len(rows) <= limit:
        return PointsInView(rows.astype(np.int32), len(rows))
    order = _precedence(rows)
    drawn = rows[np.argpartition(order, limit)[:limit]]
    kept = np.asarray(always, dtype=np.int64)
    drawn = np.union1d(drawn, kept[inside[kept]] if len(kept) else kept)
    return PointsInView(drawn.astype(np.int32), len(rows))


def _cell(values: FloatArray, low: float, high: float, number: int) -> IntArray:
    return np.clip(((values - low) / (high - low) * number).astype(np.int64), 0, number - 1)


def _precedence(rows: IntArray) -> IntArray:
    """A number a row that looks random and never changes: the odd multiplier scatters rows over 32 bits.

    Source: Knuth, The Art of Computer Programming, vol. 3, section 6.4 (multiplicative hashing).
    """
    return (rows.astype(np.uint64) * np.uint64(2654435761) & np.uint64(0xFFFFFFFF)).astype(np.int64)
