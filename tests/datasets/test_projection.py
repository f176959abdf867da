"""Path lengths against volumes and chords that are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from core.datasets.phantom.projection import Beam, Interval, Profile, ellipsoid, length_outside, tube

CM_PER_PX = 0.1


def far_beam(side_px: int = 200, source_distance_cm: float = 1e7) -> Beam:
    """Rays that are parallel to 1e-6."""
    return Beam(side_px, side_px, CM_PER_PX, source_distance_cm, "PA", (0.0, 0.0), 0.0)


def volume(chord: np.ndarray) -> float:
    return float(chord.sum()) * CM_PER_PX**2


def test_an_ellipsoid_has_its_volume() -> None:
    chord = ellipsoid(far_beam(), (1.0, 2.0, -1.5), (3.0, 2.0, 4.0), 20.0).length()
    assert volume(chord) == pytest.approx(4 / 3 * np.pi * 3 * 2 * 4, rel=5e-3)
    assert chord.max() == pytest.approx(4.0, rel=1e-2)


def test_a_stack_of_circles_is_a_cylinder() -> None:
    cylinder = Profile((-4.0, 4.0), (0.0, 0.0), (2.0, 2.0), (2.0, 2.0))
    assert volume(cylinder.interval(far_beam()).length()) == pytest.approx(np.pi * 4 * 8, rel=2e-2)


def test_a_straight_tube_is_a_cylinder_with_round_ends() -> None:
    out = np.zeros((200, 200), dtype=np.float32)
    axis = np.array([[-5, 0, 0], [0, 0, 0], [5, 0, 0]], dtype=np.float32)
    tube(far_beam(), axis, np.full(3, 0.8, dtype=np.float32), out)
    assert volume(out) == pytest.approx(np.pi * 0.64 * 10 + 4 / 3 * np.pi * 0.8**3, rel=2e-2)
    assert out.max() == pytest.approx(1.6, rel=1e-2)


def test_a_thin_tube_keeps_its_mass_where_it_is_thinner_than_a_pixel() -> None:
    thin, thick = (np.zeros((200, 200), dtype=np.float32) for _ in range(2))
    axis = np.array([[-5, 0, 0.03], [5, 0, 0.03]], dtype=np.float32)
    tube(far_beam(), axis, np.full(2, 0.02, dtype=np.float32), thin)
    tube(far_beam(), axis, np.full(2, 0.2, dtype=np.float32), thick)
    assert 0 < thin.max() < 0.25 * thick.max()


def test_magnification_follows_from_similar_triangles() -> None:
    beam = Beam(100, 100, 0.1, 100.0, "AP", (0.0, 0.0), 0.0)
    assert beam.magnification(6.0) == pytest.approx(100 / (100 - 20))
    assert beam.magnification(6.0) > beam.magnification(-6.0), "the front is farther from a detector at the back"
    point = beam.pixels(np.array([[2.0, 6.0, 0.0]], dtype=np.float32))[0]
    assert point[0] == pytest.approx(49.5 + 2.0 * 1.25 / 0.1)


def test_pixels_and_coordinates_are_inverse() -> None:
    beam = Beam(120, 90, 0.13, 150.0, "PA", (0.4, 11.0), 3.0)
    x, z = beam.coordinates(5.0)
    point = np.array([[x[70, 20], 5.0, z[70, 20]]], dtype=np.float32)
    np.testing.assert_allclose(beam.pixels(point)[0], [20, 70], atol=1e-2)


def test_length_outside_obstacles_equals_counting_along_the_ray() -> None:
    rng = np.random.default_rng(0)
    shape, *obstacles = (_random_interval(rng) for _ in range(4))
    depths = np.linspace(-12, 12, 24001)[:, None]
    inside = (depths >= shape.start.ravel()) & (depths <= shape.stop.ravel())
    for obstacle in obstacles:
        inside &= ~((depths >= obstacle.start.ravel()) & (depths <= obstacle.stop.ravel()))
    np.testing.assert_allclose(length_outside(shape, *obstacles).ravel(), inside.sum(axis=0) * 1e-3, atol=1e-2)


def _random_interval(rng: np.random.Generator) -> Interval:
    start = rng.uniform(-10, 5, (10, 20)).astype(np.float32)
    return Interval(start, start + rng.uniform(-2, 6, (10, 20)).astype(np.float32))
