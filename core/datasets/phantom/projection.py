"""From 3-D shapes to path lengths on the detector: the geometry of the beam, exact chords, thin tubes.

Axes, in cm: x to the right of the image (the patient's left), y towards the patient's front, z down the image.
Rays run along y. Divergence of the beam is treated per shape: each is magnified by its own depth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.floating]
BoolArray = npt.NDArray[np.bool_]

DETECTOR_DISTANCE_CM = 14.0
"""From the middle of the patient to the detector."""

THINNEST_PX = 0.6
"""A thinner tube is drawn this wide and as much fainter."""


@dataclass(frozen=True)
class Interval:
    """Where each ray is inside a convex shape, empty where stop <= start.

    start, stop : depths in cm, (H, W).
    """

    start: FloatArray
    stop: FloatArray

    def length(self) -> FloatArray:
        """Compute the path length in cm, (H, W), 0 outside the shape."""
        return np.maximum(self.stop - self.start, 0.0)

    def meet(self, other: Interval) -> Interval:
        """Give the part of each ray that is inside both shapes."""
        return Interval(np.maximum(self.start, other.start), np.minimum(self.stop, other.stop))


def length_outside(shape: Interval, *obstacles: Interval) -> FloatArray:
    """Compute the path length inside `shape` and outside every obstacle, in cm, (H, W); by inclusion and exclusion."""
    total = shape.length()
    parts: list[tuple[int, Interval]] = [(-1, shape.meet(obstacle)) for obstacle in obstacles]
    for sign, part in parts:
        total = total + sign * part.length()
    for first in range(len(obstacles)):
        for second in range(first + 1, len(obstacles)):
            both = parts[first][1].meet(obstacles[second])
            total = total + both.length()
            for third in range(second + 1, len(obstacles)):
                total = total - both.meet(obstacles[third]).length()
    return np.maximum(total, 0.0)


@dataclass(frozen=True)
class Beam:
    """The X-ray source and the detector.

    height_px, width_px : size of the film.
    cm_per_px : its sampling at the detector.
    source_distance_cm : source to detector.
    toward : "PA" has the detector at the patient's front, "AP" at the back.
    centre : (x, z) in cm of the central ray.
    roll_deg : rotation of the patient in the plane of the film.
    """

    height_px: int
    width_px: int
    cm_per_px: float
    source_distance_cm: float
    toward: Literal["PA", "AP"]
    centre: tuple[float, float]
    roll_deg: float

    def magnification(self, depth_cm: float) -> float:
        """Say how much larger a shape at `depth_cm` (y) is on the detector than in the patient; at least 1."""
        away = DETECTOR_DISTANCE_CM - depth_cm if self.toward == "PA" else DETECTOR_DISTANCE_CM + depth_cm
        return self.source_distance_cm / (self.source_distance_cm - away)

    def coordinates(self, depth_cm: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """Compute x and z (cm, (H, W)) that each pixel's ray meets at `depth_cm`."""
        scale = self.cm_per_px / self.magnification(depth_cm)
        u = (np.arange(self.width_px, dtype=np.float32) - (self.width_px - 1) / 2) * scale
        v = (np.arange(self.height_px, dtype=np.float32) - (self.height_px - 1) / 2) * scale
        cos, sin = np.cos(np.deg2rad(self.roll_deg)), np.sin(np.deg2rad(self.roll_deg))
        x = self.centre[0] + cos * u[None, :] - sin * v[:, None]
        z = self.centre[1] + sin * u[None, :] + cos * v[:, None]
        return x.astype(np.float32), z.astype(np.float32)

    def pixels(self, points: FloatArray) -> FloatArray:
        """Compute where 3-D points (k, 3) fall on the film, as (k, 2) column and row."""
        scale = np.array([self.magnification(float(y)) for y in points[:, 1]]) / self.cm_per_px
        cos, sin = np.cos(np.deg2rad(self.roll_deg)), np.sin(np.deg2rad(self.roll_deg))
        dx, dz = points[:, 0] - self.centre[0], points[:, 2] - self.centre[1]
        column = (cos * dx + sin * dz) * scale + (self.width_px - 1) / 2
        row = (-sin * dx + cos * dz) * scale + (self.height_px - 1) / 2
        return np.stack([column, row], axis=1).astype(np.float32)


def ellipsoid(
    beam: Beam, centre: tuple[float, float, float], axes: tuple[float, float, float], tilt_deg: float = 0.0
) -> Interval:
    """Trace an ellipsoid with semi-axes (x, y, z) in cm, turned by `tilt_deg` in the plane of the film."""
    x, z = beam.coordinates(centre[1])
    cos, sin = np.cos(np.deg2rad(tilt_deg)), np.sin(np.deg2rad(tilt_deg))
    along = cos * (x - centre[0]) + sin * (z - centre[2])
    across = -sin * (x - centre[0]) + cos * (z - centre[2])
    inside = 1.0 - (along / axes[0]) ** 2 - (across / axes[2]) ** 2
    half = np.where(inside > 0, axes[1] * np.sqrt(np.maximum(inside, 0.0)), -1.0).astype(np.float32)
    return Interval(centre[1] - half, centre[1] + half)


@dataclass(frozen=True)
class Profile:
    """A stack of ellipses: at height `z` (cm, increasing) centre `x`, semi-axes `half_width` and `half_depth`."""

    z: tuple[float, ...]
    x: tuple[float, ...]
    half_width: tuple[float, ...]
    half_depth: tuple[float, ...]
    depth: float = 0.0

    def interval(self, beam: Beam) -> Interval:
        """Find where each ray is inside the stack."""
        x, z = beam.coordinates(self.depth)
        centre, half_width = np.interp(z, self.z, self.x), np.interp(z, self.z, self.half_width, left=0, right=0)
        inside = 1.0 - ((x - centre) / np.maximum(half_width, 1e-3)) ** 2
        reach = np.interp(z, self.z, self.half_depth, left=0, right=0) * np.sqrt(np.maximum(inside, 0.0))
        half = np.where(inside > 0, reach, -1.0).astype(np.float32)
        return Interval(self.depth - half, self.depth + half)


def tube(beam: Beam, points: FloatArray, radii: FloatArray, out: FloatArray) -> None:
    """Raise `out` (H, W) to the chord in cm through a bent tube with axis `points` (k, 3) and `radii` (k,).

    Segments of one tube are joined by their maximum, so that a bend is not counted twice.
    """
    scale = np.array([beam.magnification(float(y)) for y in points[:, 1]], dtype=np.float32) / beam.cm_per_px
    runs = np.linalg.norm(np.diff(points, axis=0), axis=1).astype(np.float32)
    _paint_tube(beam.pixels(points), (radii * scale).astype(np.float32), scale.astype(np.float32), runs, out)


@njit(cache=True)
def _paint_tube(pixels: FloatArray, widths: FloatArray, scale: FloatArray, runs: FloatArray, out: FloatArray) -> None:
    height, width = out.shape
    for k in range(len(pixels) - 1):
        x0, y0, x1, y1 = pixels[k, 0], pixels[k, 1], pixels[k + 1, 0], pixels[k + 1, 1]
        reach = max(widths[k], widths[k + 1]) + 1.0
        dx, dy = x1 - x0, y1 - y0
        length2 = max(dx * dx + dy * dy, 1e-6)
        steep = min(runs[k] / max(math.sqrt(length2) / scale[k], 1e-3), 2.5)
        for row in range(max(math.floor(min(y0, y1) - reach), 0), min(math.ceil(max(y0, y1) + reach) + 1, height)):
            for column in range(
                max(math.floor(min(x0, x1) - reach), 0), min(math.ceil(max(x0, x1) + reach) + 1, width)
            ):
                t = min(max(((column - x0) * dx + (row - y0) * dy) / length2, 0.0), 1.0)
                away2 = (column - x0 - t * dx) ** 2 + (row - y0 - t * dy) ** 2
                thickness = widths[k] + t * (widths[k + 1] - widths[k])
                radius = max(thickness, THINNEST_PX)
                if away2 < radius * radius:
                    thin = min(thickness / radius, 1.0)
                    chord = 2 * math.sqrt(radius * radius - away2) * thin / scale[k] * steep
                    out[row, column] = max(out[row, column], chord)
