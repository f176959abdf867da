"""Counting films on a grid and choosing those to draw."""

from __future__ import annotations

import numpy as np

from core.space.density import Bounds, bounds_of, density_grid, points_in_view


def test_counts_equal_numpy_s_histogram() -> None:
    points = np.random.default_rng(0).normal(size=(5000, 2)).astype(np.float32)
    box = Bounds(-1.5, 2.0, -1.0, 1.25)
    got = density_grid(points, box, n_columns=14, n_rows=9)
    edges = (np.linspace(-1.0, 1.25, 10), np.linspace(-1.5, 2.0, 15))
    expected, *_ = np.histogram2d(points[:, 1].astype(float), points[:, 0].astype(float), bins=edges)
    np.testing.assert_array_equal(got.counts, expected)
    assert got.n_inside == got.counts.sum()


def test_weights_are_summed() -> None:
    points = np.array([[0.1, 0.1], [0.2, 0.1], [0.9, 0.9]])
    got = density_grid(points, Bounds(0, 1, 0, 1), n_columns=2, n_rows=2, weights=np.array([1.0, 0.5, 2.0]))
    assert got.counts.tolist() == [[1.5, 0], [0, 2]]
    assert got.n_inside == 3


def test_bounds_hold_every_point_even_where_all_are_one() -> None:
    points = np.random.default_rng(1).normal(size=(100, 2)).astype(np.float32)
    assert bounds_of(points).holds(points).all()
    assert bounds_of(np.array([[2.0, 3.0]])) == Bounds(1.5, 2.5, 2.5, 3.5)
    assert bounds_of(np.empty((0, 2))) == Bounds(0.0, 1.0, 0.0, 1.0)


def test_all_in_view_are_drawn_where_they_fit() -> None:
    points = np.random.default_rng(2).random((100, 2))
    got = points_in_view(points, Bounds(0, 0.5, 0, 1), limit=100)
    assert got.rows.tolist() == np.flatnonzero(points[:, 0] <= 0.5).tolist()
    assert not got.is_sampled


def test_zooming_in_adds_films_and_takes_none_away() -> None:
    points = np.random.default_rng(3).random((20_000, 2))
    wide, near = Bounds(0, 1, 0, 1), Bounds(0.2, 0.6, 0.2, 0.6)
    far, close = (points_in_view(points, box, limit=1000) for box in (wide, near))
    assert len(far.rows) == len(close.rows) == 1000
    assert far.is_sampled
    assert far.n_in_view == 20_000
    assert set(far.rows[near.holds(points[far.rows])].tolist()) <= set(close.rows.tolist())


def test_a_sample_is_spread_like_the_films() -> None:
    points = np.random.default_rng(4).random((50_000, 2))
    sample = points[points_in_view(points, Bounds(0, 1, 0, 1), limit=5000).rows]
    expected = 5000 / 16
    counts = density_grid(sample, Bounds(0, 1, 0, 1), n_columns=4, n_rows=4).counts
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_selected_films_are_always_drawn_where_in_view() -> None:
    points = np.random.default_rng(5).random((5000, 2))
    got = points_in_view(points, Bounds(0, 1, 0, 0.5), limit=50, always=range(40))
    inside = [row for row in range(40) if points[row, 1] <= 0.5]
    assert set(inside) <= set(got.rows.tolist())
    assert all(points[got.rows, 1] <= 0.5)
